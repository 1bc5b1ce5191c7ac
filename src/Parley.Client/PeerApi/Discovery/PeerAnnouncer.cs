using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Messaging;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>Tells the local network that this instance is there, and answers who asks, until it is disposed of; then it takes it back.</summary>
public sealed partial class PeerAnnouncer : IAsyncDisposable
{
    /// <summary>Most answers a second: strangers may ask as often as they like.</summary>
    public const int MaxAnswersPerSecond = 20;

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private readonly MulticastSocket _socket;
    private readonly Func<PeerAnnouncement> _what;
    private readonly TimeProvider _timeProvider;
    private readonly FillRandom _fill;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private long _window;
    private int _answers;
    private long? _lastToAll;

    private PeerAnnouncer(MulticastSocket socket, Func<PeerAnnouncement> what, TimeProvider timeProvider, FillRandom fill, ILogger log)
    {
        (_socket, _what, _timeProvider, _fill, _log, _window) = (socket, what, timeProvider, fill, log, timeProvider.GetTimestamp());
        _running = Task.WhenAll(AnnounceAsync(_end.Token), AnswerAsync(_end.Token));
    }

    /// <summary>Begins.</summary>
    /// <param name="socket">A listening one; disposed of with this.</param>
    /// <param name="what">What is true now; asked each time, since certificates change.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="fill">Randomness of delays.</param>
    /// <param name="log">No names.</param>
    public static PeerAnnouncer Start(MulticastSocket socket, Func<PeerAnnouncement> what, TimeProvider timeProvider, FillRandom fill, ILogger<PeerAnnouncer> log) =>
        new(socket, what, timeProvider, fill, log);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await SendAsync(PeerService.Announce(_what(), ttl: 0), null, CancellationToken.None);
        _socket.Dispose();
        _end.Dispose();
    }

    // Twice, a second apart: the first may be lost (RFC 6762, section 8.3).
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        await SendAsync(PeerService.Announce(_what()), null, cancellationToken);
        await Task.Delay(_second, _timeProvider, cancellationToken);
        await SendAsync(PeerService.Announce(_what()), null, cancellationToken);
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var (query, from) = await _socket.ReceiveAsync(cancellationToken);
                var isLegacy = !_socket.IsMulticast(from);
                if (PeerService.Answer(query, _what(), isLegacy) is { } answer && MayAnswer(isLegacy))
                {
                    await AnswerAsync(answer, isLegacy ? from : null, cancellationToken);
                }
            }
            catch (SocketException exception)
            {
                LogFailed(exception.SocketErrorCode);
                await Task.Delay(_second, _timeProvider, cancellationToken);
            }
        }
    }

    private async Task AnswerAsync(DnsMessage answer, IPEndPoint? to, CancellationToken cancellationToken)
    {
        if (to is null)
        {
            // Others have an answer to the same question: 20 to 120 ms apart they do not collide (RFC 6762, section 6).
            var random = new byte[1];
            _fill(random);
            await Task.Delay(TimeSpan.FromMilliseconds(20 + (random[0] * 100 / byte.MaxValue)), _timeProvider, cancellationToken);
        }

        await SendAsync(answer, to, cancellationToken);
    }

    // To everybody at most once a second (RFC 6762, section 6), to askers of their own within the limit.
    private bool MayAnswer(bool isLegacy)
    {
        var now = _timeProvider.GetTimestamp();
        if (!isLegacy)
        {
            if (_lastToAll is { } last && _timeProvider.GetElapsedTime(last, now) < _second)
            {
                return false;
            }

            _lastToAll = now;
            return true;
        }

        if (_timeProvider.GetElapsedTime(_window, now) >= _second)
        {
            (_window, _answers) = (now, 0);
        }

        return ++_answers <= MaxAnswersPerSecond;
    }

    private async Task SendAsync(DnsMessage message, IPEndPoint? to, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(message, to, cancellationToken);
        }
        catch (SocketException exception)
        {
            LogFailed(exception.SocketErrorCode);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The local network took no announcement: {Error}")]
    private partial void LogFailed(SocketError error);
}
