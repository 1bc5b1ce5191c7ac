using Parley.Client.Calls;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Calls;

public sealed class SdpFingerprintsTests
{
    private static readonly byte[] _signed = [.. Enumerable.Range(0, 32).Select(static number => (byte)(number * 7))];
    private static readonly string _good = $"v=0\r\na=fingerprint:sha-256 {Text(_signed)}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fingerprint:SHA-256 {Text(_signed).ToLowerInvariant()}\r\n";

    [Fact]
    public void A_description_of_the_signed_certificate_passes() => SdpFingerprints.Check(_good, _signed);

    [Fact]
    public void One_other_certificate_among_good_ones_is_refused()
    {
        var other = (byte[])_signed.Clone();
        other[31] ^= 1;

        Assert.Equal(ErrorCode.PeerProof, Refused(_good + $"a=fingerprint:sha-256 {Text(other)}\r\n"));
    }

    [Theory]
    [InlineData("v=0\r\n")]
    [InlineData("a=fingerprint:sha-1 00:11\r\n")]
    [InlineData("a=fingerprint:sha-256 \r\n")]
    [InlineData("a=fingerprint:\r\n")]
    public void A_description_without_it_or_with_another_kind_is_refused(string sdp) => Assert.Equal(ErrorCode.PeerProof, Refused(sdp));

    [Fact]
    public void A_good_one_does_not_make_up_for_another_kind() => Assert.Equal(ErrorCode.PeerProof, Refused(_good + "a=fingerprint:sha-512 00:11\r\n"));

    [Fact]
    public void A_description_that_is_too_long_is_refused() => Assert.Equal(ErrorCode.MessageTooLarge, Refused(_good + new string('a', SdpFingerprints.MaxLength)));

    [Fact]
    public void Descriptions_of_strangers_are_refused_or_hold_the_certificate()
    {
        var good = System.Text.Encoding.ASCII.GetBytes(_good);

        Fuzz.Run(7700, Fuzz.Count, random => System.Text.Encoding.Latin1.GetString(Fuzz.Mutate(random, good)), sdp =>
        {
            try
            {
                SdpFingerprints.Check(sdp, _signed);
                Assert.Contains(Text(_signed), sdp, StringComparison.OrdinalIgnoreCase);
            }
            catch (ParleyException)
            {
                // As it should.
            }
        });
    }

    private static ErrorCode Refused(string sdp) => Assert.Throws<ParleyException>(() => SdpFingerprints.Check(sdp, _signed)).Code;

    private static string Text(byte[] hash) => string.Join(':', hash.Select(static one => one.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
}
