using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Identity.Keys;

/// <summary>Serves the certificate in two PEM files and notices when they change, so that a renewed certificate needs no restart.</summary>
/// <remarks>
/// The files are looked at during handshakes, at most once a second: no timer and no file watcher, which misses the link swaps of mounted secrets.
/// New files that do not load (half written, or a key that does not fit) leave the old certificate in service, with one warning.
/// </remarks>
internal sealed partial class CertificateFiles
{
    private static readonly TimeSpan _checkInterval = TimeSpan.FromSeconds(1);

    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile ServedCertificate _current;
    private Stamp _loaded;
    private bool _hasFailed;
    private long _checkedAt;

    /// <summary>Loads the files.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: they hold no certificate with its key.</exception>
    public CertificateFiles(string certificateFile, string keyFile, TimeProvider time, ILogger<CertificateFiles> logger)
    {
        (_certificateFile, _keyFile, _time, _logger) = (certificateFile, keyFile, time, logger);
        _checkedAt = time.GetTimestamp();
        try
        {
            _loaded = ReadStamp();
            _current = Read();
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            throw new ParleyException(
                ErrorCode.InvalidArgument, $"No certificate with its key could be read from {certificateFile} and {keyFile} (PEM; RSA or ECDSA).", exception);
        }
    }

    /// <summary>The certificate to serve now.</summary>
    public ServedCertificate Current
    {
        get
        {
            var checkedAt = Interlocked.Read(ref _checkedAt);
            var now = _time.GetTimestamp();

            // Whoever wins the exchange looks at the files; the other handshakes of this second pass by.
            if (_time.GetElapsedTime(checkedAt, now) >= _checkInterval && Interlocked.CompareExchange(ref _checkedAt, now, checkedAt) == checkedAt)
            {
                Refresh();
            }

            return _current;
        }
    }

    /// <summary>For <c>ListenOptions.UseHttps</c>: picks the certificate at each handshake and notes it among the connection's features.</summary>
    public TlsHandshakeCallbackOptions ToKestrel() => new()
    {
        OnConnection = context =>
        {
            var served = Current;
            context.Connection.Features.Set(served);
            return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = served.Context });
        },
    };

    private static bool IsBadFile(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException;

    private static (DateTime, long) StampOf(string path)
    {
        // Through an open handle: a path's own time would be that of a symbolic link.
        using var file = File.OpenHandle(path);
        return (File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
    }

    // Files that failed are tried again at every check: certificate and key are seldom replaced in one instant.
    private void Refresh()
    {
        try
        {
            var stamp = ReadStamp();
            if (stamp != _loaded)
            {
                _current = Read();
                _loaded = stamp;
                LogReloaded(_certificateFile, _current.Pin);
            }

            _hasFailed = false;
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            if (!_hasFailed)
            {
                LogNotReloaded(exception, _certificateFile);
            }

            _hasFailed = true;
        }
    }

    private Stamp ReadStamp() => new(StampOf(_certificateFile), StampOf(_keyFile));

    private ServedCertificate Read()
    {
        var certificate = X509Certificate2.CreateFromPemFile(_certificateFile, _keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_certificateFile);
        return new ServedCertificate(SslStreamCertificateContext.Create(certificate, chain, offline: true), SpkiPin.Of(certificate));
    }

    [LoggerMessage(LogLevel.Information, "Serving the new certificate of {File}, key {Pin}")]
    private partial void LogReloaded(string file, SpkiPin pin);

    [LoggerMessage(LogLevel.Warning, "The changed certificate of {File} does not load; the old one stays in service")]
    private partial void LogNotReloaded(Exception exception, string file);

    private readonly record struct Stamp((DateTime Time, long Length) Certificate, (DateTime Time, long Length) Key);
}
