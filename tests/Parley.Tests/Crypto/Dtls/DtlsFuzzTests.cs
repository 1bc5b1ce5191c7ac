using Parley.Crypto.Dtls;
using Parley.Testing;

namespace Parley.Tests.Crypto.Dtls;

public sealed class DtlsFuzzTests
{
    [Fact]
    public void Garbage_does_nothing_to_a_connection_that_is_up()
    {
        using var pair = DtlsPair.Connected();
        var good = DtlsPair.Encrypt(pair.Client, new byte[200]);

        Fuzz.Run(70_000, Fuzz.Count, random => random.Next(3) == 0 ? Fuzz.Bytes(random, 1500) : Altered(random, good), bytes => pair.Server.Receive(bytes, pair.Now));

        Assert.Empty(DtlsPair.Read(pair.Server));
        pair.Server.Receive(DtlsPair.Encrypt(pair.Client, "still here"u8), pair.Now);
        Assert.Equal(["still here"u8.ToArray()], DtlsPair.Read(pair.Server));
    }

    [Fact]
    public void Garbage_in_a_handshake_ends_it_at_worst()
    {
        using var pair = DtlsPair.Connected();
        var (room, sent) = (new byte[4096], pair.Sent.ToArray());
        var server = NewServer();

        Fuzz.Run(71_000, Fuzz.Count, random => random.Next(4) == 0 ? Fuzz.Bytes(random, 1500) : Fuzz.Mutate(random, sent[random.Next(sent.Length)]), bytes =>
        {
            server.Receive(bytes, TimeSpan.Zero);
            var count = 0;
            while (server.Poll(room) > 0)
            {
                Assert.True(++count < 100);
            }

            Assert.NotEqual(DtlsState.Connected, server.State);
            Assert.False(server.TryRead(out _));
            if (server.State is DtlsState.Failed or DtlsState.Closed)
            {
                server.Dispose();
                server = NewServer();
            }
        });
        server.Dispose();
    }

    private static DtlsConnection NewServer()
    {
        using var certificate = DtlsCertificate.Make(TimeProvider.System);
        return new DtlsConnection(new DtlsOptions { Role = DtlsRole.Server, Certificate = certificate, PeerFingerprints = [new byte[32]] });
    }

    // A change behind the record leaves it good.
    private static byte[] Altered(Random random, byte[] good)
    {
        var bytes = Fuzz.Mutate(random, good);
        return bytes.AsSpan().StartsWith(good) ? [] : bytes;
    }
}
