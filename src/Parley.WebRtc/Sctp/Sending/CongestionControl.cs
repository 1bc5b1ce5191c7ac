namespace Parley.WebRtc.Sctp.Sending;

/// <summary>How many bytes may be in flight: slow start, then CUBIC (RFC 9438); single losses on a path without a queue do not slow it (ADR 0012).</summary>
/// <remarks>
/// Loss alone says little on radio links, and all of it on a full queue; the round trip tells them apart. A loss lowers the window when the least round trip of
/// its round is well above the path's own (a queue stands), or when more than one packet in 40 was lost lately (no queue, yet no noise either).
/// </remarks>
internal sealed class CongestionControl
{
    private const double Decrease = 0.7;
    private const double Cubic = 0.4;
    private const double Friendly = 3 * (1 - Decrease) / (1 + Decrease);
    private const int TallyPackets = 400;
    private const int ToleratedOneIn = 40;
    private const int MinimumPackets = 4;

    private static readonly TimeSpan _queueFloor = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _slowStartQueueFloor = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan _slowStartQueueCeiling = TimeSpan.FromMilliseconds(16);

    private readonly RoundTrip _roundTrip;
    private int _packetBytes;
    private double _window;
    private double _threshold = double.MaxValue;
    private double _before;
    private double _friendly;
    private double _inflection;
    private TimeSpan? _epoch;
    private long _delivered;
    private long _lost;
    private long _roundEnd;
    private long _recoveryEnd = -1;
    private TimeSpan _roundLeast = TimeSpan.MaxValue;
    private TimeSpan _lastRoundLeast = TimeSpan.MaxValue;

    /// <summary>Begins with ten packets (RFC 6928).</summary>
    public CongestionControl(RoundTrip roundTrip, int packetBytes)
    {
        _roundTrip = roundTrip;
        _packetBytes = packetBytes;
        _window = Math.Min(10L * packetBytes, Math.Max(2 * packetBytes, 14_600));
    }

    /// <summary>Bytes that may be in flight.</summary>
    public long Window => (long)_window;

    /// <summary>A lowered window is held until something sent with it is acknowledged.</summary>
    public bool IsRecovering { get; private set; }

    /// <summary>Packets became larger or smaller.</summary>
    public void Resize(int packetBytes)
    {
        _packetBytes = packetBytes;
        _window = Math.Max(_window, Least);
    }

    /// <summary>Data was acknowledged.</summary>
    /// <param name="bytes">How much, the first time.</param>
    /// <param name="inFlight">Bytes in flight before that.</param>
    /// <param name="newest">The newest packet that carried any of it.</param>
    /// <param name="last">The last packet sent: packets after it belong to the next round.</param>
    /// <param name="now">The time.</param>
    public void OnAcknowledged(long bytes, long inFlight, long newest, long last, TimeSpan now)
    {
        _delivered += bytes;
        if (_roundTrip.Latest < _roundLeast && _roundTrip.IsKnown)
        {
            _roundLeast = _roundTrip.Latest;
        }

        IsRecovering &= newest <= _recoveryEnd;
        if (newest > _roundEnd)
        {
            EndRound(last);
        }

        if (IsRecovering || bytes == 0)
        {
            return;
        }

        if (_window < _threshold)
        {
            // Half of it used is enough here: the sender may be held up between two bursts.
            _window += inFlight * 2 >= _window ? bytes : 0;
        }
        else if (inFlight + (2 * _packetBytes) >= _window)
        {
            GrowCubic(bytes, now);
        }
    }

    /// <summary>Chunks were found lost.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="newest">The newest packet that carried any of it: what was sent with the window of before says nothing of this one.</param>
    /// <param name="last">The last packet sent.</param>
    public void OnLost(long bytes, long newest, long last)
    {
        if (newest <= _recoveryEnd)
        {
            return;
        }

        _lost += bytes;
        if (HasQueue() || _lost > Math.Max(TallyPackets * (long)_packetBytes, _delivered) / ToleratedOneIn)
        {
            Lower(last);
        }
    }

    /// <summary>Nothing was heard for a whole timeout: everything begins small again.</summary>
    public void OnTimeout(long last)
    {
        _before = _window;
        _threshold = Math.Max(_window / 2, Least);
        _window = _packetBytes;
        (_epoch, IsRecovering, _recoveryEnd, _roundEnd) = (null, false, last, last);
        (_delivered, _lost) = (0, 0);
    }

    /// <summary>Nothing was sent for a while: what was learned of the path grows old.</summary>
    public void OnIdle(TimeSpan idle)
    {
        for (var timeout = _roundTrip.Timeout; idle >= timeout && _window > Least; idle -= timeout)
        {
            _threshold = Math.Max(_threshold, _window * 0.75);
            _window = Math.Max(_window / 2, Least);
            _epoch = null;
        }
    }

    private double Least => MinimumPackets * (double)_packetBytes;

    private void EndRound(long last)
    {
        _roundEnd = last;
        (_lastRoundLeast, _roundLeast) = (_roundLeast, TimeSpan.MaxValue);
        if (_delivered >= TallyPackets * (long)_packetBytes)
        {
            (_delivered, _lost) = (0, 0);
        }

        // As HyStart (RFC 9406): a queue that grows ends slow start before it overflows.
        if (_window < _threshold && _lastRoundLeast != TimeSpan.MaxValue)
        {
            var allowed = _roundTrip.Minimum / 8;
            allowed = allowed < _slowStartQueueFloor ? _slowStartQueueFloor : allowed > _slowStartQueueCeiling ? _slowStartQueueCeiling : allowed;
            _threshold = _lastRoundLeast > _roundTrip.Minimum + allowed ? _window : _threshold;
        }
    }

    private bool HasQueue()
    {
        var least = _roundLeast < _lastRoundLeast ? _roundLeast : _lastRoundLeast;
        if (least == TimeSpan.MaxValue)
        {
            return false;
        }

        var allowed = _roundTrip.Minimum / 4;
        return least > _roundTrip.Minimum + (allowed > _queueFloor ? allowed : _queueFloor);
    }

    private void Lower(long last)
    {
        // Fast convergence: a window that peaks lower than the last time leaves room for others.
        _before = _window < _before ? _window * (1 + Decrease) / 2 : _window;
        _window = Math.Max(_window * Decrease, Least);
        _threshold = _window;
        (_epoch, IsRecovering, _recoveryEnd) = (null, true, last);
        (_delivered, _lost) = (0, 0);
    }

    private void GrowCubic(long bytes, TimeSpan now)
    {
        var packet = (double)_packetBytes;
        if (_epoch is null)
        {
            _epoch = now;
            _before = Math.Max(_before, _window);
            _inflection = Math.Cbrt((_before - _window) / packet / Cubic);
            _friendly = _window;
        }

        var elapsed = (now - _epoch.Value + _roundTrip.Smoothed).TotalSeconds - _inflection;
        var target = Math.Clamp((Cubic * elapsed * elapsed * elapsed * packet) + _before, _window, _window * 1.5);
        _friendly += (_friendly < _before ? Friendly : 1) * packet * bytes / _window;
        _window = Math.Max(_window + ((target - _window) * bytes / _window), _friendly);
    }
}
