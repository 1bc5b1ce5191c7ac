using System.Text;
using Parley.Crypto.Tls;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.Tests.Tls;

public sealed class CertificatePinTests
{
    [Theory]
    [InlineData("SHA256:{0}")]
    [InlineData("sha256:{0}")]
    [InlineData("SHA256: {0}")]
    [InlineData("SHA256 Fingerprint={0}")]
    [InlineData("sha256 Fingerprint={0}\n")]
    [InlineData("  {0}  ")]
    [InlineData("{0}")]
    public void T5_every_spelling_of_a_fingerprint_is_the_same_pin(string spelling)
    {
        using var side = new TlsSide();
        var colons = string.Join(':', side.Certificate.Fingerprint.ToArray().Select(octet => octet.ToString("X2")));
        string[] digits = [colons, colons.ToLowerInvariant(), colons.Replace(":", ""), colons.Replace(":", "").ToLowerInvariant()];

        var pins = digits.Select(text => CertificatePin.Parse(string.Format(null, spelling, text)));

        Assert.All(pins, pin => Assert.Equal(side.Pin, pin));
        Assert.All(pins, pin => Assert.True(pin.Matches(side.Certificate)));
    }

    [Fact]
    public void T6_the_certificate_itself_is_a_pin()
    {
        using var side = new TlsSide();

        var pin = CertificatePin.Parse("remarks before\n" + side.Certificate.ToPem());

        Assert.Equal(side.Pin, pin);
    }

    [Fact]
    public void A_key_is_pinned_as_Parley_and_as_curl_write_it()
    {
        using var side = new TlsSide();
        var hash = side.Certificate.KeyHash.ToArray();

        var ours = CertificatePin.Parse(SpkiPin.FromHash(hash).Value);
        var curls = CertificatePin.Parse("sha256//" + Convert.ToBase64String(hash));

        Assert.True(ours.IsOfKey);
        Assert.Equal(ours, curls);
        Assert.True(ours.Matches(side.Certificate));
        Assert.Equal(SpkiPin.FromHash(hash).Value, ours.ToString());
    }

    [Fact]
    public void Its_text_is_read_back()
    {
        using var side = new TlsSide();

        var text = side.Pin.ToString();

        Assert.StartsWith("SHA256:", text, StringComparison.Ordinal);
        Assert.Equal(side.Pin, CertificatePin.Parse(text));
    }

    [Fact]
    public void Another_certificate_does_not_match()
    {
        using var side = new TlsSide();
        using var other = new TlsSide();

        Assert.False(side.Pin.Matches(other.Certificate));
        Assert.False(CertificatePin.OfKey(side.Certificate).Matches(other.Certificate));
        Assert.True(CertificatePin.MatchesAny([side.Pin, other.Pin], other.Certificate));
        Assert.False(CertificatePin.MatchesAny([side.Pin], other.Certificate));
    }

    [Fact]
    public void A_pin_of_a_key_is_not_one_of_a_certificate_with_the_same_hash()
    {
        using var side = new TlsSide();

        var pin = CertificatePin.OfKeyHash(side.Certificate.Fingerprint);

        Assert.NotEqual(side.Pin, pin);
        Assert.False(pin.Matches(side.Certificate));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  \n")]
    public void No_text_is_a_missing_pin(string? text)
    {
        var exception = Assert.Throws<TlsException>(() => CertificatePin.FromEntry(text, null));

        Assert.Equal(TlsFault.NoPin, exception.Fault);
    }

    [Theory]
    [InlineData("SHA256:")]
    [InlineData("AB:CD")]
    [InlineData("md5:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    [InlineData("0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00")]
    [InlineData("0:0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    [InlineData("::00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff:")]
    [InlineData("sha256//AAAA")]
    [InlineData("g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n")]
    public void Text_that_is_no_pin_is_refused(string text)
    {
        var exception = Assert.Throws<TlsException>(() => CertificatePin.Parse(text));

        Assert.Equal(TlsFault.Unreadable, exception.Fault);
    }

    [Fact]
    public void T6_certificate_and_fingerprint_of_an_entry_must_agree()
    {
        using var side = new TlsSide();
        using var other = new TlsSide();

        var agreed = CertificatePin.FromEntry(side.Pin.ToString(), side.Certificate.ToPem());
        var alone = CertificatePin.FromEntry(null, side.Certificate.ToPem());
        var refused = Assert.Throws<TlsException>(() => CertificatePin.FromEntry(other.Pin.ToString(), side.Certificate.ToPem()));

        Assert.Equal(side.Pin, agreed);
        Assert.Equal(side.Pin, alone);
        Assert.Equal(TlsFault.Unreadable, refused.Fault);
    }

    [Fact]
    public void Noise_is_refused_and_breaks_nothing()
    {
        using var side = new TlsSide();
        var good = Encoding.Latin1.GetBytes(side.Pin.ToString());

        Fuzz.Run(61, Fuzz.Count, random => Encoding.Latin1.GetString(Fuzz.Mutate(random, good)), text =>
        {
            if (CertificatePin.TryParseHash(text, out var pin))
            {
                Assert.Equal(pin, CertificatePin.Parse(pin.ToString()));
            }
        });
    }
}
