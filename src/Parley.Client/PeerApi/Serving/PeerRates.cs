using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Serving;

/// <summary>Counts what each peer asks: in any hour, in any day, and at once. A file keeps it across restarts. Thread-safe.</summary>
/// <remarks>A line per question: Unix seconds, a space, the peer's name. What a power cut takes of it are the last seconds.</remarks>
public sealed class PeerRates : IDisposable
{
    /// <summary>The file's name in a home.</summary>
    public const string Name = "peers.rates";

    /// <summary>Most questions that are remembered: the file stays below what is read at a start. Of more than that the oldest are forgotten.</summary>
    public const int MaxRemembered = 8_000;

    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly LineLog? _log;
    private readonly Dictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <summary>Begins with what the file says.</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="path">The file; null keeps all in memory.</param>
    public PeerRates(TimeProvider timeProvider, string? path = null)
    {
        _timeProvider = timeProvider;
        if (path is null)
        {
            return;
        }

        _log = new LineLog(path, isDurable: false, Lines);
        var now = timeProvider.GetUtcNow();
        foreach (var line in LineLog.Read(path))
        {
            var space = line.IndexOf(' ');
            if (space > 0 && long.TryParse(line.AsSpan(0, space), out var seconds) && PeerEntry.IsName(line[(space + 1)..]) && seconds <= now.ToUnixTimeSeconds() && seconds > (now - _day).ToUnixTimeSeconds())
            {
                CountOf(line[(space + 1)..]).Asked.Enqueue(DateTimeOffset.FromUnixTimeSeconds(seconds));
            }
        }

        _log.Rewrite();
    }

    /// <summary>Questions of all peers that are not answered yet.</summary>
    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _counts.Values.Sum(count => count.Open);
            }
        }
    }

    /// <summary>Counts one question; disposing says that it was answered.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>, with the time to wait.</exception>
    public IDisposable Enter(PeerEntry peer)
    {
        lock (_lock)
        {
            var now = _timeProvider.GetUtcNow();
            var count = CountOf(peer.Name);
            var remembered = peer.Rate.PerDay is null ? _hour : _day;
            while (count.Asked.TryPeek(out var first) && now - first >= remembered)
            {
                count.Asked.Dequeue();
            }

            if (count.Open >= peer.Rate.AtOnce)
            {
                throw Refused(_soon);
            }

            CheckWindow(count.Asked, peer.Rate.PerHour, _hour, now);
            CheckWindow(count.Asked, peer.Rate.PerDay, _day, now);
            count.Asked.Enqueue(now);
            count.Open++;
            _log?.Append($"{now.ToUnixTimeSeconds()} {peer.Name}", Math.Min(_counts.Values.Sum(one => one.Asked.Count), MaxRemembered));
            return new Place(count);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _log?.Dispose();

    private Count CountOf(string peer) => _counts.TryGetValue(peer, out var count) ? count : _counts[peer] = new Count(_lock);

    private string[] Lines() =>
        [.. _counts.SelectMany(count => count.Value.Asked.Select(asked => (At: asked.ToUnixTimeSeconds(), Peer: count.Key))).OrderBy(asked => asked.At).TakeLast(MaxRemembered).Select(asked => $"{asked.At} {asked.Peer}")];

    // The question that must grow old before there is room is the one that stands the limit's length from the end.
    private static void CheckWindow(Queue<DateTimeOffset> asked, int? limit, TimeSpan window, DateTimeOffset now)
    {
        if (limit is { } most && asked.Count >= most && now - asked.ElementAt(asked.Count - most) is var age && age < window)
        {
            throw Refused(window - age);
        }
    }

    private static ParleyException Refused(TimeSpan wait) => new(ErrorCode.RateLimited, "This peer asks too often.") { RetryAfter = wait };

    private sealed class Count(Lock gate)
    {
        public Queue<DateTimeOffset> Asked { get; } = new();

        public int Open { get; set; }

        public Lock Gate { get; } = gate;
    }

    private sealed class Place(Count count) : IDisposable
    {
        private bool _isLeft;

        public void Dispose()
        {
            lock (count.Gate)
            {
                count.Open -= _isLeft ? 0 : 1;
                _isLeft = true;
            }
        }
    }
}
