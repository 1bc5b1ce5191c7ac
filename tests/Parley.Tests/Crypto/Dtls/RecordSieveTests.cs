using System.Buffers.Binary;
using Parley.Crypto.Dtls;
using Parley.Testing;

namespace Parley.Tests.Crypto.Dtls;

public sealed class RecordSieveTests
{
    private const ushort Version12 = 0xFEFD;
    private const ushort Version10 = 0xFEFF;
    private const ushort Gcm = 0xC02B;
    private const ushort ChaCha = 0xCCA9;

    [Theory]
    [InlineData(Gcm, 23, false)]
    [InlineData(Gcm, 24, true)]
    [InlineData(ChaCha, 15, false)]
    [InlineData(ChaCha, 16, true)]
    [InlineData(0, 23, false)]
    [InlineData(0, 24, true)]
    public void A_protected_record_has_room_for_what_protects_it(int suite, int length, bool isKept)
    {
        var record = Record(Version12, 1, 7, length);

        Assert.Equal(isKept ? record.Length : 0, RecordSieve.Sift(record, (ushort)suite));
    }

    [Fact]
    public void What_is_not_protected_may_be_short()
    {
        var record = Record(Version12, 0, 7, 1);

        Assert.Equal(record.Length, RecordSieve.Sift(record, Gcm));
    }

    [Fact]
    public void Records_before_a_wrong_one_are_kept_and_those_behind_it_are_not()
    {
        byte[] good = [.. Record(Version12, 1, 1, 40), .. Record(Version12, 1, 2, 50)];

        Assert.Equal(good.Length, RecordSieve.Sift([.. good, .. Record(Version12, 1, 3, 2), .. good], Gcm));
        Assert.Equal(good.Length, RecordSieve.Sift([.. good, .. Record(Version12, 1, 3, 40)[..^1]], Gcm));
        Assert.Equal(good.Length, RecordSieve.Sift([.. good, .. Record(Version12, 1, 3, 17_000)], Gcm));
    }

    [Fact]
    public void An_older_version_is_known_in_the_handshake_alone()
    {
        var hello = Record(Version10, 0, 0, 100);

        Assert.Equal(hello.Length, RecordSieve.Sift(hello, 0));
        Assert.Equal(0, RecordSieve.Sift(hello, Gcm));
    }

    [Fact]
    public void A_record_too_short_for_what_protects_it_does_not_end_a_connection()
    {
        using var pair = DtlsPair.Connected();

        for (var length = 0; length < 24; length++)
        {
            var forged = Record(Version12, 1, 1000 + length, length);
            pair.Server.Receive(forged, pair.Now);
            pair.Server.Receive([.. Record(Version10, 1, 1000 + length, forged.Length)[..13], .. forged], pair.Now);
        }

        pair.Server.Receive(DtlsPair.Encrypt(pair.Client, "still here"u8), pair.Now);
        Assert.Equal(["still here"u8.ToArray()], DtlsPair.Read(pair.Server));
    }

    [Fact]
    public void Garbage_is_never_read_beyond_its_end()
    {
        byte[] good = [.. Record(Version12, 1, 1, 40), .. Record(Version12, 0, 2, 3), .. Record(Version12, 1, 3, 30)];

        Fuzz.Run(73_000, Fuzz.Count, random => random.Next(2) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, good), bytes =>
        {
            var kept = RecordSieve.Sift(bytes, Gcm);

            Assert.InRange(kept, 0, bytes.Length);
            Assert.Equal(kept, RecordSieve.Sift(bytes.AsSpan(0, kept), Gcm));
        });
    }

    private static byte[] Record(ushort version, ushort epoch, long number, int length)
    {
        var record = new byte[13 + length];
        BinaryPrimitives.WriteInt64BigEndian(record.AsSpan(3), number);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(3), epoch);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(11), (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(1), version);
        record[0] = 23;
        return record;
    }
}
