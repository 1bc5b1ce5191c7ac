using Microsoft.Extensions.Logging;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi;

/// <summary>The certificate that new connections are shown, read again when its files change. Connections that stand go on. Thread-safe.</summary>
/// <remarks>While the files cannot be used, the last that could be is shown: somebody is changing them.</remarks>
public sealed partial class ServedCertificate : IDisposable
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(1);

    private readonly Func<PeerCertificateFiles> _files;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Queue<(TlsContext Context, TlsIdentity Identity)> _used = new();
    private TlsContext _context;
    private (DateTime, DateTime, string) _stamp;
    private long _looked;

    /// <summary>Reads it for the first time.</summary>
    /// <param name="files">Which files they are now.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="log">No content.</param>
    /// <exception cref="ParleyException">As <see cref="PeerCertificateFiles.Load"/>.</exception>
    public ServedCertificate(Func<PeerCertificateFiles> files, TimeProvider timeProvider, ILogger<ServedCertificate> log)
    {
        (_files, _timeProvider, _log) = (files, timeProvider, log);
        var now = files();
        (_stamp, _context, _looked) = (now.Stamp, Read(now), timeProvider.GetTimestamp());
    }

    /// <summary>What a new connection uses.</summary>
    public TlsContext Context
    {
        get
        {
            lock (_lock)
            {
                if (_timeProvider.GetElapsedTime(_looked) >= _lookEvery)
                {
                    _looked = _timeProvider.GetTimestamp();
                    Look();
                }

                return _context;
            }
        }
    }

    /// <summary>Which certificate that is.</summary>
    public CertificatePin Pin
    {
        get
        {
            lock (_lock)
            {
                _ = Context;
                return CertificatePin.Of(_used.Last().Identity.Certificate);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            while (_used.TryDequeue(out var old))
            {
                Release(old);
            }
        }
    }

    private void Look()
    {
        try
        {
            var files = _files();
            if (files.Stamp != _stamp)
            {
                _stamp = files.Stamp;
                _context = Read(files);
                LogChanged();
            }
        }
        catch (Exception exception) when (exception is ParleyException or IOException)
        {
            LogUnusable(exception is ParleyException refusal ? refusal.Row.WireName : exception.GetType().Name);
        }

        // The last but one may be in a handshake that begins this moment; older ones are not.
        while (_used.Count > 2)
        {
            Release(_used.Dequeue());
        }
    }

    private TlsContext Read(PeerCertificateFiles files)
    {
        var identity = files.Load();
        var context = TlsContext.ForServer(new TlsServerOptions { Identity = identity, TimeProvider = _timeProvider });
        _used.Enqueue((context, identity));
        return context;
    }

    private static void Release((TlsContext Context, TlsIdentity Identity) old)
    {
        old.Context.Dispose();
        old.Identity.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "The certificate changed: new connections are shown the new one")]
    private partial void LogChanged();

    [LoggerMessage(LogLevel.Warning, "The certificate's files cannot be used, the last one is shown still: {Code}")]
    private partial void LogUnusable(string code);
}
