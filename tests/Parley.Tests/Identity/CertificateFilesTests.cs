using Parley.Hub.Identity.Keys;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Identity;

public sealed class CertificateFilesTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly SettableTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CountingLogger _log = new();
    private int _written;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_changed_certificate_is_served_a_second_later()
    {
        var first = Write();
        var files = Open();
        var second = Write();

        var sameSecond = files.Current.Pin;
        _time.Now += TimeSpan.FromSeconds(1);
        var later = files.Current.Pin;

        Assert.Equal((first, second), (sameSecond, later));
    }

    [Fact]
    public void A_swapped_link_counts_as_a_change()
    {
        Directory.CreateDirectory(_temp.PathOf("one"));
        Directory.CreateDirectory(_temp.PathOf("two"));
        Write("one/");
        var second = Write("two/");
        File.CreateSymbolicLink(_temp.PathOf("cert.pem"), _temp.PathOf("data/cert.pem"));
        File.CreateSymbolicLink(_temp.PathOf("key.pem"), _temp.PathOf("data/key.pem"));
        Directory.CreateSymbolicLink(_temp.PathOf("data"), "one");
        var files = Open();

        Directory.Delete(_temp.PathOf("data"));
        Directory.CreateSymbolicLink(_temp.PathOf("data"), "two");
        _time.Now += TimeSpan.FromSeconds(1);

        Assert.Equal(second, files.Current.Pin);
    }

    [Fact]
    public void A_file_that_does_not_load_leaves_the_old_certificate_with_one_warning()
    {
        var first = Write();
        var files = Open();
        File.WriteAllText(_temp.PathOf("cert.pem"), "half a certif");

        for (var second = 0; second < 5; second++)
        {
            _time.Now += TimeSpan.FromSeconds(1);
            Assert.Equal(first, files.Current.Pin);
        }

        Assert.Equal(1, _log.Warnings);
    }

    [Fact]
    public void A_certificate_without_its_key_is_replaced_once_the_key_follows()
    {
        Write();
        var files = Open();
        var second = Write("next-");
        File.Move(_temp.PathOf("next-cert.pem"), _temp.PathOf("cert.pem"), overwrite: true);
        _time.Now += TimeSpan.FromSeconds(1);
        var between = files.Current.Pin;

        File.Move(_temp.PathOf("next-key.pem"), _temp.PathOf("key.pem"), overwrite: true);
        _time.Now += TimeSpan.FromSeconds(1);

        Assert.NotEqual(second, between);
        Assert.Equal(second, files.Current.Pin);
    }

    [Fact]
    public void Missing_files_are_refused_at_the_start()
    {
        var refusal = Assert.Throws<ParleyException>(Open);

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    private CertificateFiles Open() => new(_temp.PathOf("cert.pem"), _temp.PathOf("key.pem"), _time, _log);

    private SpkiPin Write(string prefix = "")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=hub.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(_time.Now, _time.Now.AddDays(1));
        File.WriteAllText(_temp.PathOf(prefix + "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_temp.PathOf(prefix + "key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.SetLastWriteTimeUtc(_temp.PathOf(prefix + "cert.pem"), NextFileTime());
        File.SetLastWriteTimeUtc(_temp.PathOf(prefix + "key.pem"), NextFileTime());
        return SpkiPin.Of(certificate);
    }

    // Files written within one tick of the kernel's clock have the same time; real renewals are further apart.
    private DateTime NextFileTime() => _time.Now.UtcDateTime.AddSeconds(++_written);

    private sealed class CountingLogger : ILogger<CertificateFiles>
    {
        public int Warnings { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings += level == LogLevel.Warning ? 1 : 0;
    }
}
