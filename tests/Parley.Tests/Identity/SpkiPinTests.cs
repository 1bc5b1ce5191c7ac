using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.Identity;

public sealed class SpkiPinTests
{
    [Fact]
    public void A_pin_is_the_hash_of_the_key_and_not_of_the_certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var first = Certificate(key, "CN=one");
        using var second = Certificate(key, "CN=two");

        var pin = SpkiPin.Of(first);

        Assert.Equal(SHA256.HashData(key.ExportSubjectPublicKeyInfo()), pin.ToHash());
        Assert.Equal(pin, SpkiPin.Of(second));
    }

    [Fact]
    public void A_pin_matches_its_own_hash_only()
    {
        var pin = SpkiPin.FromHash(new byte[32]);

        Assert.True(pin.Matches(new byte[32]));
        Assert.False(pin.Matches([.. new byte[31], 1]));
        Assert.False(pin.Matches([]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+/A")]
    public void Other_text_is_no_pin(string text)
    {
        var refusal = Assert.Throws<ParleyException>(() => SpkiPin.Parse(text));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    private static X509Certificate2 Certificate(ECDsa key, string subject) =>
        new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
}
