using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Sending;

/// <summary>What the peer says it has, and what follows from it.</summary>
internal sealed partial class DataSender
{
    /// <summary>The peer said what it has.</summary>
    /// <returns>False when it claims to have what was never sent.</returns>
    public bool OnSack(in SackChunk sack, TimeSpan now)
    {
        if (SerialNumber.IsAfter(sack.Cumulative, LastTsn))
        {
            return false;
        }

        if (SerialNumber.IsAfter(Acknowledged, sack.Cumulative))
        {
            return true;
        }

        var (inFlight, advanced) = (_chunks.InFlightBytes, sack.Cumulative != Acknowledged);
        var sums = new AckSums { SentAt = TimeSpan.MinValue, Sample = TimeSpan.MinValue };
        while (_chunks.Count > 0 && !SerialNumber.IsAfter(_chunks.First, sack.Cumulative))
        {
            Acknowledge(_chunks.First, ref sums, now);
            RemoveFirst();
        }

        TakeBlocks(in sack, ref sums, now);
        if (sack.Duplicates > 0)
        {
            _loss.OnDuplicates();
        }

        (_peerWindow, _isHeard) = (sack.Window, true);
        if (sums.Sample > TimeSpan.MinValue)
        {
            _roundTrip.Sample(sums.Sample, now);
        }

        if (sums.Bytes > 0 || advanced)
        {
            (Timeouts, _probes) = (0, 0);
        }

        _congestion.OnAcknowledged(sums.Bytes, inFlight, sums.Newest, _packet, now);
        _abandonment.OnAcknowledged(Acknowledged);
        FindLost(now);
        if (advanced || _chunks.Count == 0)
        {
            _timer = _chunks.Count == 0 ? TimeSpan.MaxValue : now + _roundTrip.Timeout;
        }

        return true;
    }

    /// <summary>The peer closes, and says what it has in order; that it also has what it named in blocks before stays true.</summary>
    /// <returns>False when it claims to have what was never sent.</returns>
    public bool OnShutdown(uint cumulative, TimeSpan now) =>
        !SerialNumber.IsAfter(cumulative, LastTsn) && OnSack(SackChunk.OfCumulative(cumulative, (uint)Math.Min(uint.MaxValue, _peerWindow)), now);

    private void TakeBlocks(in SackChunk sack, ref AckSums sums, TimeSpan now)
    {
        for (var i = 0; i < sack.Blocks; i++)
        {
            var (first, last) = sack.Block(i);
            var (from, to) = (sack.Cumulative + first, sack.Cumulative + last);
            if (first == 0 || last < first || !_chunks.Contains(from) || !_chunks.Contains(to))
            {
                continue;
            }

            for (var tsn = _received.NextClear(from, to + 1); tsn != to + 1; tsn = _received.NextClear(tsn + 1, to + 1))
            {
                Acknowledge(tsn, ref sums, now);
            }
        }

        // The peer says that the oldest is missing, which it had: it threw away what it had not delivered, and may have done so with all of it.
        if (_chunks.Count > 0 && _received.Contains(_chunks.First))
        {
            Renege();
        }
    }

    private void Renege()
    {
        for (var tsn = _received.NextSet(_chunks.First, _chunks.Next); tsn != _chunks.Next; tsn = _received.NextSet(tsn + 1, _chunks.Next))
        {
            _received.Remove(tsn);
            if (_chunks.At(tsn).Fate == ChunkFate.Received)
            {
                _chunks.MarkLost(tsn);
            }
        }
    }

    private void Acknowledge(uint tsn, ref AckSums sums, TimeSpan now)
    {
        ref var chunk = ref _chunks.At(tsn);
        _received.Add(tsn);
        if (chunk.Fate is not (ChunkFate.InFlight or ChunkFate.Lost))
        {
            return;
        }

        sums.Bytes += chunk.Length;
        sums.Newest = Math.Max(sums.Newest, chunk.Packet);
        _loss.OnAcknowledged(tsn, in chunk, now);
        if (chunk.Retransmits == 0 && chunk.SentAt > sums.SentAt)
        {
            (sums.SentAt, sums.Sample) = (chunk.SentAt, now - chunk.SentAt);
        }

        _chunks.MarkDone(tsn, ChunkFate.Received);
    }

    private void RemoveFirst()
    {
        _received.Remove(_chunks.First);
        var message = _chunks.RemoveFirst();
        if (--message.Kept == 0 && message.IsComplete)
        {
            Queue.Release(message);
        }
    }

    private ref struct AckSums
    {
        public long Bytes;
        public long Newest;
        public TimeSpan SentAt;
        public TimeSpan Sample;
    }
}
