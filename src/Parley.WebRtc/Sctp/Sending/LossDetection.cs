using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Sending;

/// <summary>Which chunks in flight are lost: by what left later and has arrived (RACK, RFC 8985), and by a probe of the tail when nothing left later.</summary>
/// <remarks>
/// A chunk counts as lost when a packet sent after its own was acknowledged, and either three packets lie between them (while no reordering was seen) or a
/// quarter of the least round trip has passed; the quarter grows when the peer reports duplicates, which are retransmissions for nothing.
/// A retransmission has a packet of its own, so its loss is found like any other.
/// </remarks>
internal sealed class LossDetection(OutstandingChunks chunks, RoundTrip roundTrip)
{
    /// <summary>Probes in a row before only the timeout is left.</summary>
    public const int MaxProbes = 3;

    private const int PacketThreshold = 3;
    private const int MaxQuarters = 8;
    private const int CalmRounds = 16;

    private static readonly TimeSpan _leastProbeWait = TimeSpan.FromMilliseconds(10);

    private long _newestPacket = -1;
    private TimeSpan _newestTrip;
    private uint _highest;
    private bool _isReordering;
    private int _quarters = 1;
    private int _calm;

    /// <summary>When a chunk that waits for the reorder window becomes lost.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Begins with a new association.</summary>
    public void Reset(uint firstTsn)
    {
        (_newestPacket, _highest, _isReordering, _quarters, Deadline) = (-1, firstTsn - 1, false, 1, TimeSpan.MaxValue);
    }

    /// <summary>A chunk was acknowledged the first time.</summary>
    public void OnAcknowledged(uint tsn, in OutstandingChunk chunk, TimeSpan now)
    {
        if (SerialNumber.IsAfter(tsn, _highest))
        {
            _highest = tsn;
        }
        else if (chunk.Retransmits == 0)
        {
            _isReordering = true;
        }

        // Faster than the path can be: it was the first copy that arrived.
        var trip = now - chunk.SentAt;
        if (chunk.Packet > _newestPacket && (chunk.Retransmits == 0 || trip >= roundTrip.Minimum))
        {
            (_newestPacket, _newestTrip) = (chunk.Packet, trip);
        }
    }

    /// <summary>The peer got TSNs twice: patience grows.</summary>
    public void OnDuplicates()
    {
        (_quarters, _calm, _isReordering) = (Math.Min(_quarters + 1, MaxQuarters), CalmRounds, true);
    }

    /// <summary>A round of losses was repaired: patience goes back in the end.</summary>
    public void OnRepaired()
    {
        if (_calm > 0 && --_calm == 0)
        {
            _quarters = 1;
        }
    }

    /// <summary>The next chunk that is lost as of now, oldest first; null when there is none, and then <see cref="Deadline"/> says when to ask again.</summary>
    public uint? NextLost(TimeSpan now)
    {
        Deadline = TimeSpan.MaxValue;
        if (chunks.OldestInFlight is not { } oldest)
        {
            return null;
        }

        ref var chunk = ref chunks.At(oldest);
        if (chunk.Packet >= _newestPacket)
        {
            return null;
        }

        if (!_isReordering && chunk.Packet + PacketThreshold <= _newestPacket)
        {
            return oldest;
        }

        var due = chunk.SentAt + _newestTrip + Window();
        if (due > now)
        {
            Deadline = due;
            return null;
        }

        return oldest;
    }

    /// <summary>When the tail should be probed, if nothing is heard before.</summary>
    /// <param name="probes">Probes since the peer was heard: each waits twice as long as the one before.</param>
    public TimeSpan ProbeDeadline(int probes)
    {
        if (!roundTrip.IsKnown || chunks.NewestInFlight is not { } newest)
        {
            return TimeSpan.MaxValue;
        }

        var wait = roundTrip.Smoothed * 2;
        return chunks.At(newest).SentAt + ((wait < _leastProbeWait ? _leastProbeWait : wait) * (1 << probes));
    }

    private TimeSpan Window()
    {
        var window = roundTrip.Minimum / 4 * _quarters;
        return window < roundTrip.Smoothed ? window : roundTrip.Smoothed;
    }
}
