using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.Tests.Tls;

public sealed class Ed25519CertificateTests
{
    /// <summary>Made by <c>openssl req -x509 -newkey ed25519 -days 3650 -nodes -subj "/CN=host"</c>, OpenSSL 3.0.</summary>
    private const string Guide = """
        -----BEGIN CERTIFICATE-----
        MIIBMjCB5aADAgECAhR8K0VFM8dOp4gFgTO2q2pozONpkzAFBgMrZXAwDzENMAsG
        A1UEAwwEaG9zdDAeFw0yNjExMjExNDE2NTJaFw0zNjExMTgxNDE2NTJaMA8xDTAL
        BgNVBAMMBGhvc3QwKjAFBgMrZXADIQCck5Ge3NqS+/lWLpj2aorGhiVbLMHvf1t/
        hQCJHpbr3aNTMFEwHQYDVR0OBBYEFL/T8U8+5QDclbf0sdKIGTqZYgKJMB8GA1Ud
        IwQYMBaAFL/T8U8+5QDclbf0sdKIGTqZYgKJMA8GA1UdEwEB/wQFMAMBAf8wBQYD
        K2VwA0EAGkY7lkAOt+vTUzPezkyqCjjHnAz6tuSrS5gjKc1Giq99yWN4MBXGVIJb
        OoyT/TXE1AF62gYqWdnjoDDoGJCVAg==
        -----END CERTIFICATE-----
        """;

    private static readonly DateTimeOffset _now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_certificate_of_openssl_req_is_read()
    {
        var certificate = Ed25519Certificate.FromPem(Guide);

        Assert.Equal("96:F7:D7:3D:49:38:9C:2E:83:4D:EE:E4:19:CF:1F:B1:72:B2:A3:04:85:33:D6:C9:EE:3B:3B:CB:85:2C:8C:14", certificate.ToString()["SHA256:".Length..]);
        Assert.Equal(TimeSpan.FromDays(3650), certificate.NotAfter - certificate.NotBefore);
    }

    [Fact]
    public void It_is_what_the_systems_own_reader_sees()
    {
        using var side = new TlsSide();
        using var system = X509CertificateLoader.LoadCertificate(side.Certificate.Der.Span);

        Assert.Equal(system.GetCertHash(HashAlgorithmName.SHA256), side.Certificate.Fingerprint.ToArray());
        Assert.Equal(SpkiPin.HashOf(system), side.Certificate.KeyHash.ToArray());
        Assert.Equal(system.NotBefore.ToUniversalTime(), side.Certificate.NotBefore.UtcDateTime);
        Assert.Equal(system.NotAfter.ToUniversalTime(), side.Certificate.NotAfter.UtcDateTime);
    }

    [Theory]
    [InlineData(-61, CertificateValidity.NotYetValid)]
    [InlineData(-60, CertificateValidity.Valid)]
    [InlineData(3660, CertificateValidity.Valid)]
    [InlineData(3661, CertificateValidity.Expired)]
    public void T7_clocks_may_differ_by_the_skew_and_no_more(int seconds, CertificateValidity expected)
    {
        using var key = Ed25519Key.Generate();
        var clock = new FakeTimeProvider(_now);
        var certificate = SelfSignedCertificate.Make(key, "peer", [], TimeSpan.FromHours(1), clock);

        var validity = certificate.ValidityAt((expected == CertificateValidity.NotYetValid || seconds < 0 ? certificate.NotBefore : _now).AddSeconds(seconds), TimeSpan.FromSeconds(60));

        Assert.Equal(expected, validity);
    }

    [Fact]
    public void A_certificate_of_another_kind_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256).CreateSelfSigned(_now, _now.AddDays(1));

        var exception = Assert.Throws<TlsException>(() => Ed25519Certificate.Read(other.RawData));

        Assert.Equal(TlsFault.CertificateUnusable, exception.Fault);
    }

    [Fact]
    public void Bytes_after_the_certificate_are_refused()
    {
        using var side = new TlsSide();

        Assert.Throws<TlsException>(() => Ed25519Certificate.Read([.. side.Certificate.Der.Span, 0]));
        Assert.Throws<TlsException>(() => Ed25519Certificate.Read(new byte[Ed25519Certificate.MaxBytes + 1]));
        Assert.Throws<TlsException>(() => Ed25519Certificate.Read([]));
    }

    [Fact]
    public void Noise_is_refused_and_breaks_nothing()
    {
        using var side = new TlsSide();
        var good = side.Certificate.Der.ToArray();

        Fuzz.Run(62, Fuzz.Count, random => random.Next(4) == 0 ? Fuzz.Bytes(random, 600) : Fuzz.Mutate(random, good), bytes =>
        {
            try
            {
                var certificate = Ed25519Certificate.Read(bytes);
                Assert.Equal(bytes, certificate.Der.ToArray());
                Assert.Equal(Ed25519.PublicKeySize, certificate.PublicKey.Length);
            }
            catch (TlsException exception)
            {
                Assert.Equal(TlsFault.CertificateUnusable, exception.Fault);
            }
        });
    }
}
