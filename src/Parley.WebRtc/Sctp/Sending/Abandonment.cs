using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Sending;

/// <summary>Partial reliability (RFC 3758): messages that are given up, and how the peer is told not to wait for them.</summary>
/// <remarks>
/// FORWARD TSN chunk, value, big endian: new cumulative TSN (4) | for each stream with a skipped ordered message: stream (2) | the highest SSN skipped (2).
/// </remarks>
internal sealed class Abandonment(OutstandingChunks chunks, SendQueue queue)
{
    private const int MaxStreams = 64;

    private bool _isSupported;
    private bool _isDue;
    private uint _forwarded;

    /// <summary>Begins with a new association.</summary>
    public void Start(bool isSupported, uint firstTsn) => (_isSupported, _isDue, _forwarded) = (isSupported, false, firstTsn - 1);

    /// <summary>Whether a message is past its limits, before another retransmission of one of its fragments.</summary>
    public bool MustAbandon(OutgoingMessage message, int retransmits, TimeSpan now) =>
        message.MayBeAbandoned && _isSupported && (message.IsAbandoned || message.ExpiresAt <= now || (message.MaxRetransmits >= 0 && retransmits >= message.MaxRetransmits));

    /// <summary>Gives a message up: none of its fragments is sent again, and none that has no TSN is sent at all.</summary>
    public void Abandon(OutgoingMessage message)
    {
        if (message.Sent < message.Length)
        {
            // The receiver may have all that was sent and wait for the end: a TSN that never goes out, and is skipped, stands for it.
            chunks.Add(new OutstandingChunk { Message = message });
            (message.Fragments, message.Kept) = (message.Fragments + 1, message.Kept + 1);
        }

        message.IsAbandoned = true;
        queue.Drop(message);
        for (var i = 0u; i < message.Fragments; i++)
        {
            var tsn = message.FirstTsn + i;
            if (chunks.Contains(tsn))
            {
                chunks.MarkDone(tsn, ChunkFate.Abandoned);
            }
        }

        Advance();
    }

    /// <summary>The peer's cumulative TSN moved: what is given up may now be next.</summary>
    public void OnAcknowledged(uint cumulative)
    {
        if (SerialNumber.IsAfter(cumulative, _forwarded))
        {
            _forwarded = cumulative;
            _isDue = false;
        }

        Advance();
    }

    /// <summary>Says it again: the last word may be lost.</summary>
    public void Repeat() => _isDue = chunks.Count > 0 && chunks.At(chunks.First).Fate == ChunkFate.Abandoned;

    /// <summary>Tells the peer, where it is time to.</summary>
    public void Write(ref PacketWriter writer)
    {
        if (!_isDue || writer.Room < 64)
        {
            return;
        }

        Span<byte> value = stackalloc byte[4 + (MaxStreams * 4)];
        var (length, last) = (4, chunks.First - 1);

        // What was received is passed over only between chunks that are given up: then its messages are whole.
        var limit = Math.Min(value.Length, writer.Room - ChunkReader.HeaderBytes);
        for (var tsn = chunks.First; chunks.Contains(tsn) && chunks.At(tsn).Fate is ChunkFate.Abandoned or ChunkFate.Received; tsn++)
        {
            var message = chunks.At(tsn).Message;
            if (message is { IsAbandoned: true, IsUnordered: false } && !TryNote(value, ref length, limit, message))
            {
                break;
            }

            last = chunks.At(tsn).Fate == ChunkFate.Abandoned ? tsn : last;
        }

        _isDue = false;
        _forwarded = last;
        BinaryPrimitives.WriteUInt32BigEndian(value, last);
        value[..length].CopyTo(writer.Add(ChunkType.ForwardTsn, 0, length));
    }

    // One entry a stream, with the highest number.
    private static bool TryNote(Span<byte> value, ref int length, int limit, OutgoingMessage message)
    {
        for (var at = 4; at < length; at += 4)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(value[at..]) == message.Stream.Id)
            {
                BinaryPrimitives.WriteUInt16BigEndian(value[(at + 2)..], message.Ssn);
                return true;
            }
        }

        if (length + 4 > limit)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(value[length..], message.Stream.Id);
        BinaryPrimitives.WriteUInt16BigEndian(value[(length + 2)..], message.Ssn);
        length += 4;
        return true;
    }

    // It is worth a word when the oldest outstanding TSN is one that the peer will never get.
    private void Advance()
    {
        if (chunks.Count == 0 || chunks.At(chunks.First).Fate != ChunkFate.Abandoned)
        {
            return;
        }

        var last = chunks.First;
        for (var tsn = last + 1; chunks.Contains(tsn) && chunks.At(tsn).Fate is ChunkFate.Abandoned or ChunkFate.Received; tsn++)
        {
            last = chunks.At(tsn).Fate == ChunkFate.Abandoned ? tsn : last;
        }

        _isDue |= SerialNumber.IsAfter(last, _forwarded);
    }
}
