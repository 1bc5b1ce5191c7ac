using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Parley.Crypto.Tls;

namespace Parley.Client.PeerApi;

/// <summary>Puts pinned TLS 1.3 between a Kestrel listener and HTTP: what <c>UseHttps</c> does, for certificates that .NET cannot load.</summary>
/// <remarks>The client's certificate, where one was shown, stands among the connection's features as an <see cref="Ed25519Certificate"/>.</remarks>
public sealed partial class PinnedTlsListening
{
    /// <summary>How long a handshake may take. <value>Default 10 s, as Kestrel's own.</value></summary>
    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly Func<TlsContext> _context;
    private readonly TimeSpan _handshakeTimeout;
    private readonly ConnectionShares? _shares;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;

    /// <summary>Makes it.</summary>
    /// <param name="context">The context for a new connection; asked each time, so that a changed certificate needs no restart.</param>
    /// <param name="handshakeTimeout">How long a handshake may take.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Where refused handshakes are told, at level Debug: a stranger can make as many as he likes.</param>
    /// <param name="shares">The places for connections; null leaves them to the listener. A connection's place stands among its features as a <see cref="ConnectionPlace"/>.</param>
    public PinnedTlsListening(Func<TlsContext> context, TimeSpan handshakeTimeout, TimeProvider timeProvider, ILogger<PinnedTlsListening> logger, ConnectionShares? shares = null) =>
        (_context, _handshakeTimeout, _timeProvider, _logger, _shares) = (context, handshakeTimeout, timeProvider, logger, shares);

    /// <summary>Adds it to a listener. The listener's protocols stay as they are by default: ALPN picks HTTP/1.1 or HTTP/2.</summary>
    public void AddTo(ListenOptions listen) => listen.Use(next => connection => ServeAsync(connection, next));

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (_shares is null)
        {
            await SecureAsync(connection, next);
            return;
        }

        using var place = _shares.Enter((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (place is null)
        {
            // Closed at once: a refusal that costs a handshake would be what a flood is after.
            LogNoPlace(connection.ConnectionId);
            return;
        }

        connection.Features.Set(place);
        await SecureAsync(connection, next);
    }

    private async Task SecureAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        if (await HandshakeAsync(connection) is not { } stream)
        {
            return;
        }

        await using (stream)
        {
            var pool = connection.Features.Get<IMemoryPoolFeature>()?.MemoryPool;
            Announce(connection, stream);
            connection.Transport = new Pair(
                PipeReader.Create(stream, new StreamPipeReaderOptions(pool, leaveOpen: true, useZeroByteReads: true)),
                PipeWriter.Create(stream, new StreamPipeWriterOptions(pool, leaveOpen: true)));
            try
            {
                await next(connection);
            }
            finally
            {
                await connection.Transport.Input.CompleteAsync();
                await connection.Transport.Output.CompleteAsync();
                connection.Transport = transport;
            }
        }
    }

    private async Task<PinnedTlsStream?> HandshakeAsync(ConnectionContext connection)
    {
        using var limit = new CancellationTokenSource(_handshakeTimeout, _timeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed);
        try
        {
            return await PinnedTlsStream.AuthenticateAsync(new TransportStream(connection.Transport), _context(), cancellationToken: end.Token);
        }
        catch (TlsException exception)
        {
            LogRefused(connection.ConnectionId, exception.Fault);
        }
        catch (OperationCanceledException)
        {
            LogRefused(connection.ConnectionId, limit.IsCancellationRequested ? TlsFault.HandshakeTimedOut : TlsFault.HandshakeCutOff);
        }
        catch (IOException)
        {
            LogRefused(connection.ConnectionId, TlsFault.HandshakeCutOff);
        }

        return null;
    }

    private static void Announce(ConnectionContext connection, PinnedTlsStream stream)
    {
        var features = new PinnedTlsFeatures(stream);
        connection.Features.Set<ITlsConnectionFeature>(features);
        connection.Features.Set<ITlsHandshakeFeature>(features);
        connection.Features.Set<ITlsApplicationProtocolFeature>(features);
        if (stream.PeerCertificate is { } certificate)
        {
            connection.Features.Set(certificate);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Connection {ConnectionId} made no TLS handshake: {Fault}")]
    private partial void LogRefused(string connectionId, TlsFault fault);

    [LoggerMessage(LogLevel.Debug, "Connection {ConnectionId} is closed: its address has its share of the places")]
    private partial void LogNoPlace(string connectionId);

    private sealed record Pair(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
