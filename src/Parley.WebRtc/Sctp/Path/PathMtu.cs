namespace Parley.WebRtc.Sctp.Path;

/// <summary>Finds how large packets may be, by probes that carry no data (RFC 8899): first the most that the caller allows, then sizes that networks have.</summary>
/// <remarks>
/// A probe that is answered proves its size; three without an answer refute it. When several timeouts in a row suggest that the path no longer takes large
/// packets, the size goes back to the start and is searched anew after a while.
/// </remarks>
internal sealed class PathMtu
{
    private const int Tries = 3;
    private const int BlackHoleTimeouts = 2;

    /// <summary>What fits into tunnels, PPPoE, Ethernet with IPv6 and IPv4, and jumbo frames, after the headers of IP, UDP and DTLS.</summary>
    private static readonly int[] _usual = [1252, 1332, 1352, 1404, 1412, 1424, 1432, 4000, 8900, 16_000, 32_000];
    private static readonly TimeSpan _wait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(1);

    private readonly SctpOptions _options;
    private int _candidate;
    private int _tries;
    private bool _isSearching;
    private int _outstanding;

    /// <summary>Begins with the size that passes everywhere.</summary>
    public PathMtu(SctpOptions options)
    {
        _options = options;
        Current = options.StartPacketBytes;
    }

    /// <summary>Bytes that a packet may have.</summary>
    public int Current { get; private set; }

    /// <summary>Bytes beyond which the next search tries none, whatever the options allow.</summary>
    public int Limit { get; set; } = int.MaxValue;

    private int Most => Math.Min(_options.MaxPacketBytes, Limit);

    /// <summary>When <see cref="NextProbe"/> has something.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Begins the search: at the beginning, and when the path has changed.</summary>
    public void Search(TimeSpan now)
    {
        Current = _options.StartPacketBytes;
        (_isSearching, _candidate, _tries, _outstanding) = (Most > Current, Most, 0, 0);
        Deadline = _isSearching ? now : TimeSpan.MaxValue;
    }

    /// <summary>Bytes of the packet to send as a probe now, or null.</summary>
    public int? NextProbe(TimeSpan now)
    {
        if (now < Deadline)
        {
            return null;
        }

        if (!_isSearching)
        {
            Search(now);
        }

        if (_tries == Tries && !NextCandidate(hasPassed: false))
        {
            return null;
        }

        _tries++;
        _outstanding = _candidate;
        Deadline = now + _wait;
        return _candidate;
    }

    /// <summary>A probe was answered.</summary>
    /// <returns>True when packets may be larger now.</returns>
    public bool OnAnswered(int bytes, TimeSpan now)
    {
        if (bytes != _outstanding || bytes <= Current)
        {
            return false;
        }

        (Current, _outstanding) = (bytes, 0);
        Deadline = NextCandidate(hasPassed: true) ? now : TimeSpan.MaxValue;
        return true;
    }

    /// <summary>Data was not acknowledged.</summary>
    /// <returns>True when packets must be smaller now.</returns>
    public bool OnTimeouts(int count, TimeSpan now)
    {
        if (count < BlackHoleTimeouts || Current <= _options.StartPacketBytes)
        {
            return false;
        }

        (Current, _isSearching, Deadline) = (_options.StartPacketBytes, false, now + _pause);
        return true;
    }

    private bool NextCandidate(bool hasPassed)
    {
        // The sizes rise, so the first that does not pass ends the search; before it, the greatest one was tried.
        var isFirst = _candidate == Most;
        var next = hasPassed == isFirst ? 0 : Array.Find(_usual, size => size > Math.Max(Current, isFirst ? 0 : _candidate) && size < Most);
        (_isSearching, _candidate, _tries) = (next > 0, next, 0);
        Deadline = _isSearching ? Deadline : TimeSpan.MaxValue;
        return _isSearching;
    }
}
