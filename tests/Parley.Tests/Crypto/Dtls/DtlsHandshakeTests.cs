using System.Security.Cryptography;
using Parley.Crypto.Dtls;

namespace Parley.Tests.Crypto.Dtls;

public sealed class DtlsHandshakeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_lost_datagram_is_sent_again(int lost)
    {
        using var pair = new DtlsPair { Wire = (number, datagram) => number == lost ? [] : [datagram] };

        await pair.UntilAsync(() => pair.AreConnected);

        pair.Server.Receive(DtlsPair.Encrypt(pair.Client, "here"u8), pair.Now);
        Assert.Equal(["here"u8.ToArray()], DtlsPair.Read(pair.Server));
    }

    [Fact]
    public void Doubled_datagrams_change_nothing()
    {
        using var pair = new DtlsPair { Wire = (_, datagram) => [datagram, datagram] };

        pair.Exchange();

        Assert.True(pair.AreConnected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Loss_doubling_and_reordering_together_cost_time_alone(int seed)
    {
        var (random, lateToServer, lateToClient) = (new Random(seed), new List<byte[]>(), new List<byte[]>());
        using var pair = new DtlsPair();
        pair.Wire = (_, datagram) =>
        {
            var late = pair.IsFromClient ? lateToServer : lateToClient;
            var chance = random.NextDouble();
            if (chance < 0.5)
            {
                // A half is lost, the other half arrives behind the next one.
                late.AddRange(chance < 0.25 ? [] : [datagram]);
                return [];
            }

            byte[][] arriving = [datagram, .. chance < 0.7 ? [datagram] : late];
            late.Clear();
            return arriving;
        };

        await pair.UntilAsync(() => pair.AreConnected);

        pair.Client.Receive(DtlsPair.Encrypt(pair.Server, "here"u8), pair.Now);
        Assert.Equal(["here"u8.ToArray()], DtlsPair.Read(pair.Client));
    }

    [Fact]
    public void A_client_refuses_another_certificate_and_says_so()
    {
        using var pair = new DtlsPair(clientExpects: RandomNumberGenerator.GetBytes(32));

        pair.Exchange();

        Assert.Equal(DtlsState.Failed, pair.Client.State);
        Assert.Equal(DtlsFault.OtherCertificate, pair.Client.Fault);
        Assert.Equal(DtlsFault.CertificateRejected, pair.Server.Fault);
        Assert.Empty(DtlsPair.Encrypt(pair.Client, "secret"u8));
    }

    [Fact]
    public void A_server_refuses_another_certificate_and_says_so()
    {
        using var pair = new DtlsPair(serverExpects: RandomNumberGenerator.GetBytes(32));

        pair.Exchange();

        Assert.Equal(DtlsFault.OtherCertificate, pair.Server.Fault);
        Assert.Equal(DtlsFault.CertificateRejected, pair.Client.Fault);
        Assert.NotEqual(DtlsState.Connected, pair.Client.State);
    }

    [Theory]
    [InlineData(48)]
    [InlineData(64)]
    public void Longer_hashes_are_told_by_their_length(int bytes)
    {
        using var server = DtlsCertificate.Make(TimeProvider.System);
        using var client = DtlsCertificate.Make(TimeProvider.System);
        var hash = bytes == 48 ? SHA384.HashData(server.Der.Span) : SHA512.HashData(server.Der.Span);
        using var one = new DtlsConnection(new DtlsOptions { Role = DtlsRole.Client, Certificate = client, PeerFingerprints = [new byte[32], hash] });
        using var other = new DtlsConnection(new DtlsOptions { Role = DtlsRole.Server, Certificate = server, PeerFingerprints = [client.Fingerprint] });

        one.Start(TimeSpan.Zero);
        var room = new byte[4096];
        for (var isMoving = true; isMoving;)
        {
            isMoving = false;
            foreach (var (from, to) in new[] { (one, other), (other, one) })
            {
                for (int length; (length = from.Poll(room)) > 0; isMoving = true)
                {
                    to.Receive(room.AsSpan(0, length), TimeSpan.Zero);
                }
            }
        }

        Assert.Equal(DtlsState.Connected, one.State);
        Assert.Equal(DtlsState.Connected, other.State);
    }

    [Fact]
    public async Task A_peer_that_never_answers_is_given_up()
    {
        using var pair = new DtlsPair { Wire = (_, _) => [] };

        await pair.UntilAsync(() => pair.Client.State == DtlsState.Failed);

        Assert.Equal(DtlsFault.NoAnswer, pair.Client.Fault);
        Assert.InRange(pair.Sent.Count, 10, 14);
    }

    [Fact]
    public void Options_out_of_bounds_are_refused()
    {
        using var certificate = DtlsCertificate.Make(TimeProvider.System);
        var good = new DtlsOptions { Role = DtlsRole.Client, Certificate = certificate, PeerFingerprints = [new byte[32]] };

        Assert.Throws<ArgumentException>(() => new DtlsConnection(good with { PeerFingerprints = [] }));
        Assert.Throws<ArgumentException>(() => new DtlsConnection(good with { PeerFingerprints = [new byte[20]] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DtlsConnection(good with { HandshakeDatagramBytes = 100 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DtlsConnection(good with { FirstTimeout = TimeSpan.FromMilliseconds(1) }));
    }

    [Fact]
    public void Each_certificate_is_new()
    {
        using var one = DtlsCertificate.Make(TimeProvider.System);
        using var other = DtlsCertificate.Make(TimeProvider.System);

        Assert.Equal(DtlsCertificate.FingerprintBytes, one.Fingerprint.Length);
        Assert.False(one.Fingerprint.Span.SequenceEqual(other.Fingerprint.Span));
        Assert.Equal(SHA256.HashData(one.Der.Span), one.Fingerprint.ToArray());
    }
}
