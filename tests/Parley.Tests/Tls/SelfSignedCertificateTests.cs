using System.Security.Cryptography.X509Certificates;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Testing;

namespace Parley.Tests.Tls;

public sealed class SelfSignedCertificateTests
{
    private static readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void It_bears_its_name_its_hosts_and_its_dates()
    {
        using var key = Ed25519Key.Generate();

        var certificate = SelfSignedCertificate.Make(key, "agent-a", ["agent-a.example", "192.0.2.7", "2001:db8::7"], TimeSpan.FromDays(90), _clock);

        using var read = X509CertificateLoader.LoadCertificate(certificate.Der.Span);
        var names = read.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal("CN=agent-a", read.Subject);
        Assert.Equal("CN=agent-a", read.Issuer);
        Assert.Equal(["agent-a.example"], names.EnumerateDnsNames());
        Assert.Equal(["192.0.2.7", "2001:db8::7"], names.EnumerateIPAddresses().Select(address => address.ToString()));
        Assert.Equal(_clock.GetUtcNow().AddHours(-1), certificate.NotBefore);
        Assert.Equal(_clock.GetUtcNow().AddDays(90), certificate.NotAfter);
        Assert.Equal(key.PublicKey.ToArray(), certificate.PublicKey.ToArray());
    }

    [Fact]
    public void Two_of_one_key_have_one_pin_of_the_key()
    {
        using var key = Ed25519Key.Generate();

        var first = SelfSignedCertificate.Make(key, "a", [], TimeSpan.FromDays(1), _clock);
        var second = SelfSignedCertificate.Make(key, "a", [], TimeSpan.FromDays(2), _clock);

        Assert.NotEqual(CertificatePin.Of(first), CertificatePin.Of(second));
        Assert.Equal(CertificatePin.OfKey(first), CertificatePin.OfKey(second));
    }

    [Fact]
    public void Certificate_and_key_are_read_back_as_a_pair()
    {
        using var key = Ed25519Key.Generate();
        var certificate = SelfSignedCertificate.Make(key, "a", [], TimeSpan.FromDays(1), _clock);

        using var identity = TlsIdentity.FromPem(certificate.ToPem(), key.ExportPkcs8Pem());

        Assert.Equal(certificate.Der.ToArray(), identity.Certificate.Der.ToArray());
    }

    [Fact]
    public void A_key_that_is_not_the_certificates_is_refused()
    {
        using var key = Ed25519Key.Generate();
        using var other = Ed25519Key.Generate();
        var certificate = SelfSignedCertificate.Make(key, "a", [], TimeSpan.FromDays(1), _clock);

        var mixed = Assert.Throws<TlsException>(() => TlsIdentity.FromPem(certificate.ToPem(), other.ExportPkcs8Pem()));
        var garbage = Assert.Throws<TlsException>(() => TlsIdentity.FromPem(certificate.ToPem(), "garbage"));

        Assert.Equal((TlsFault.Unreadable, TlsFault.Unreadable), (mixed.Fault, garbage.Fault));
    }
}
