using Parley.Hub.Identity.Keys;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Identity;

public sealed class HubKeyTests : IDisposable
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_id_is_made_once_and_kept()
    {
        var first = Open(TlsOptions.Self, _start);

        var second = Open(TlsOptions.Self, _start);

        Assert.Matches("^hub-[a-z2-7]{16}$", first.Id);
        Assert.Equal(first.Id, second.Id);
    }

    [Fact]
    public void A_damaged_id_is_refused_and_kept()
    {
        Open(null, _start);
        File.WriteAllText(_temp.PathOf(HubId.FileName), "hub-UPPER");

        var refusal = Assert.Throws<ParleyException>(() => Open(null, _start));

        Assert.Equal(ErrorCode.IntegrityFailed, refusal.Code);
        Assert.Equal("hub-UPPER", File.ReadAllText(_temp.PathOf(HubId.FileName)));
    }

    [Fact]
    public void Without_TLS_there_is_neither_certificate_nor_pin()
    {
        var hub = Open(null, _start);

        Assert.Null(hub.Certificate);
        Assert.Null(hub.Pin);
        Assert.False(File.Exists(_temp.PathOf(SelfMadeCertificate.FileName)));
    }

    [Theory]
    [InlineData("hub.example", "hub.example")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("[2001:db8::7]", "2001:db8::7")]
    [InlineData("not a host", "localhost")]
    public void A_self_made_certificate_names_this_machine_and_the_public_host(string publicHost, string expected)
    {
        Open(TlsOptions.Self, _start, publicHost);

        using var certificate = Stored();
        string[] hosts = ["localhost", "127.0.0.1", "::1", expected];
        Assert.All(hosts, host => Assert.True(certificate.MatchesHostname(host), host));
        Assert.Equal("1.2.840.10045.3.1.7", certificate.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
        Assert.Equal(_start.AddYears(10).UtcDateTime, certificate.NotAfter.ToUniversalTime());
    }

    [Fact]
    public void The_files_are_for_their_owner_only()
    {
        Open(TlsOptions.Self, _start);

        var modes = Directory.GetFiles(_temp.FullPath).Select(File.GetUnixFileMode).Distinct();

        Assert.Equal([UnixFileMode.UserRead | UnixFileMode.UserWrite], modes);
    }

    [Fact]
    public void A_key_that_others_may_read_is_refused()
    {
        Open(TlsOptions.Self, _start);
        File.SetUnixFileMode(_temp.PathOf(SelfMadeCertificate.FileName), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var refusal = Assert.Throws<ParleyException>(() => Open(TlsOptions.Self, _start));

        Assert.Equal(ErrorCode.FilePermissions, refusal.Code);
    }

    [Fact]
    public void A_certificate_with_more_than_30_days_is_left_alone()
    {
        Open(TlsOptions.Self, _start);
        using var before = Stored();

        Open(TlsOptions.Self, _start.AddYears(10).AddDays(-31));

        using var after = Stored();
        Assert.Equal(before.Thumbprint, after.Thumbprint);
    }

    [Fact]
    public void A_certificate_about_to_run_out_is_renewed_over_the_same_key()
    {
        var first = Open(TlsOptions.Self, _start);

        var renewed = Open(TlsOptions.Self, _start.AddYears(10).AddDays(-29));

        using var certificate = Stored();
        Assert.Equal(first.Pin, renewed.Pin);
        Assert.True(certificate.NotAfter > _start.AddYears(19).DateTime);
    }

    [Fact]
    public void A_new_public_host_gets_a_new_certificate_over_the_same_key()
    {
        var first = Open(TlsOptions.Self, _start);

        var second = Open(TlsOptions.Self, _start, "hub.example");

        using var certificate = Stored();
        Assert.Equal(first.Pin, second.Pin);
        Assert.True(certificate.MatchesHostname("hub.example"));
    }

    [Fact]
    public void A_damaged_certificate_is_refused_and_no_new_key_made()
    {
        Open(TlsOptions.Self, _start);
        File.WriteAllText(_temp.PathOf(SelfMadeCertificate.FileName), "garbage");

        var refusal = Assert.Throws<ParleyException>(() => Open(TlsOptions.Self, _start));

        Assert.Equal(ErrorCode.IntegrityFailed, refusal.Code);
        Assert.Equal("garbage", File.ReadAllText(_temp.PathOf(SelfMadeCertificate.FileName)));
    }

    [Fact]
    public void A_certificate_from_elsewhere_is_not_pinned()
    {
        Open(TlsOptions.Self, _start);
        var file = _temp.PathOf(SelfMadeCertificate.FileName);

        var hub = Open(TlsOptions.Parse($"{file},{file}"), _start);

        Assert.NotNull(hub.Certificate);
        Assert.Null(hub.Pin);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Self")]
    [InlineData("cert.pem")]
    [InlineData("cert.pem,")]
    [InlineData("a,b,c")]
    public void Other_values_of_the_tls_option_are_refused(string text)
    {
        var refusal = Assert.Throws<ParleyException>(() => TlsOptions.Parse(text));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    private HubKey Open(TlsOptions? tls, DateTimeOffset now, string? publicHost = null) =>
        HubKey.Open(_temp.FullPath, tls, publicHost, new SettableTime(now), RandomNumberGenerator.Fill, NullLoggerFactory.Instance);

    private X509Certificate2 Stored() => X509Certificate2.CreateFromPem(File.ReadAllText(_temp.PathOf(SelfMadeCertificate.FileName)));
}
