namespace Parley.WebRtc.Sctp.Sending;

/// <summary>How long an answer takes: smoothed, at least, and how long to wait for one (RFC 9260, section 6.3.1).</summary>
internal sealed class RoundTrip(SctpOptions options)
{
    private static readonly TimeSpan _minimumAge = TimeSpan.FromSeconds(10);

    private TimeSpan _variation;
    private TimeSpan _periodMinimum = TimeSpan.MaxValue;
    private TimeSpan _lastPeriodMinimum = TimeSpan.MaxValue;
    private TimeSpan _periodEnd;
    private TimeSpan _timeout = options.InitialTimeout;

    /// <summary>Smoothed round trip, zero before the first sample.</summary>
    public TimeSpan Smoothed { get; private set; }

    /// <summary>The last sample.</summary>
    public TimeSpan Latest { get; private set; }

    /// <summary>The least of the last 10 to 20 s: the path without queues.</summary>
    public TimeSpan Minimum => _periodMinimum < _lastPeriodMinimum ? _periodMinimum : _lastPeriodMinimum;

    /// <summary>Whether there was a sample.</summary>
    public bool IsKnown => Smoothed > TimeSpan.Zero;

    /// <summary>Retransmission timeout, with its back-off.</summary>
    public TimeSpan Timeout => _timeout;

    /// <summary>Takes a sample, of a chunk that was sent once (Karn's rule).</summary>
    public void Sample(TimeSpan sample, TimeSpan now)
    {
        sample = TimeSpan.FromTicks(Math.Max(1, sample.Ticks));
        if (!IsKnown)
        {
            (Smoothed, _variation) = (sample, sample / 2);
        }
        else
        {
            _variation += ((Smoothed - sample).Duration() - _variation) / 4;
            Smoothed += (sample - Smoothed) / 8;
        }

        Latest = sample;
        if (now >= _periodEnd)
        {
            (_lastPeriodMinimum, _periodMinimum, _periodEnd) = (_periodMinimum, TimeSpan.MaxValue, now + _minimumAge);
        }

        _periodMinimum = sample < _periodMinimum ? sample : _periodMinimum;
        _timeout = Limit(Smoothed + (_variation * 4));
    }

    /// <summary>Waits twice as long from now on, until the next sample.</summary>
    public void BackOff() => _timeout = Limit(_timeout * 2);

    private TimeSpan Limit(TimeSpan timeout) => timeout < options.MinTimeout ? options.MinTimeout : timeout > options.MaxTimeout ? options.MaxTimeout : timeout;
}
