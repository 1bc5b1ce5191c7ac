using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Receiving;

/// <summary>Everything about data on its way in: what is new, which message is whole, in which order they are delivered.</summary>
/// <remarks>
/// Chunks in the order of their TSNs, nearly all, go straight into the message they belong to. The others are stored; a message that is whole is delivered past
/// a gap when it is unordered, or next in its stream. A sender that keeps the rules never leaves an ordered message behind that cannot be delivered when all
/// before it has arrived: that is a violation.
/// </remarks>
internal sealed class DataReceiver(SctpOptions options, BufferPool pool, EventQueue events)
{
    private readonly ReceivedTsns _tsns = new();
    private readonly StoredChunks _stored = new(pool);
    private IncomingStream?[] _streams = [];
    private byte[]? _partial;
    private int _partialLength;
    private ushort _partialStream;
    private ushort _partialSsn;
    private byte _partialFlags;
    private int _sizeHint = 2048;
    private bool _isSkipping;

    /// <summary>What has arrived.</summary>
    public ReceivedTsns Tsns => _tsns;

    /// <summary>Bytes held for their reader or for missing pieces, overhead included.</summary>
    public long Held => events.Bytes + _stored.Bytes + ((long)_stored.Count * EventQueue.Overhead) + _partialLength;

    /// <summary>The window to tell the peer.</summary>
    public uint Window => (uint)Math.Max(0, options.ReceiveBufferBytes - Held);

    /// <summary>Begins with the peer's first TSN.</summary>
    public void Start(uint firstTsn)
    {
        _tsns.Start(firstTsn);
        _stored.Clear();
        _streams = [];
        _isSkipping = false;
        DropPartial();
    }

    /// <summary>Takes a chunk.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="isUrgent">Set when the sender should hear of it at once.</param>
    /// <returns>What the sender did wrong, else none.</returns>
    public SctpFailure Take(in DataChunk chunk, ref bool isUrgent)
    {
        isUrgent |= (chunk.Flags & DataChunk.Immediate) != 0;
        if (!_tsns.IsNew(chunk.Tsn))
        {
            isUrgent = true;
            return SctpFailure.None;
        }

        var isNext = chunk.Tsn == _tsns.Cumulative + 1;
        var room = options.ReceiveBufferBytes - Held + (isNext ? options.MaxMessageBytes : 0L);
        if (room < chunk.Content.Length)
        {
            isUrgent = true;
            return SctpFailure.None;
        }

        if (isNext)
        {
            var failure = TakeNext(chunk.Flags, chunk.Stream, chunk.Ssn, chunk.ProtocolId, chunk.Content);
            _tsns.Advance();
            return failure == SctpFailure.None && _tsns.HasGap ? Drain(ref isUrgent) : failure;
        }

        isUrgent = true;
        _tsns.Add(chunk.Tsn);
        return chunk.Stream < options.MaxStreams && _stored.Add(in chunk, _tsns.Cumulative) is { } whole ? TakeEarly(whole.First, whole.Last) : SctpFailure.None;
    }

    /// <summary>The peer gave up everything up to a TSN (RFC 3758).</summary>
    /// <param name="value">Value of the FORWARD TSN chunk, at least four bytes.</param>
    /// <returns>What the sender did wrong, else none.</returns>
    public SctpFailure Skip(ReadOnlySpan<byte> value)
    {
        var tsn = BinaryPrimitives.ReadUInt32BigEndian(value);
        if (!SerialNumber.IsAfter(tsn, _tsns.Cumulative) && (tsn != _tsns.Cumulative || _partial is null))
        {
            return SctpFailure.None;
        }

        var steps = TsnBitmap.Span;
        for (value = value[4..]; value.Length >= 4; value = value[4..])
        {
            var failure = SkipTo(BinaryPrimitives.ReadUInt16BigEndian(value), BinaryPrimitives.ReadUInt16BigEndian(value[2..]), ref steps);
            if (failure != SctpFailure.None)
            {
                return failure;
            }
        }

        DropPartial();
        _isSkipping = true;
        RemoveStored(tsn);
        _tsns.Skip(tsn);
        var ignored = false;
        return Drain(ref ignored);
    }

    /// <summary>The peer's side of a stream begins anew.</summary>
    public void ResetStream(ushort id)
    {
        if (id < _streams.Length)
        {
            _streams[id]?.Reset();
        }
    }

    /// <summary>Streams that the peer has used for ordered messages.</summary>
    public IReadOnlyList<ushort> KnownStreams() => [.. Enumerable.Range(0, _streams.Length).Where(id => _streams[id] is not null).Select(id => (ushort)id)];

    private SctpFailure TakeNext(byte flags, ushort stream, ushort ssn, uint protocolId, ReadOnlySpan<byte> content)
    {
        if (stream >= options.MaxStreams)
        {
            return SctpFailure.None;
        }

        var (begins, ends) = ((flags & DataChunk.Begin) != 0, (flags & DataChunk.End) != 0);
        if (begins)
        {
            if (_partial is not null)
            {
                return SctpFailure.ProtocolViolation;
            }

            (_partialStream, _partialSsn, _partialFlags, _partialLength, _isSkipping) = (stream, ssn, flags, 0, false);
            _partial = pool.Rent(ends ? content.Length : Math.Max(_sizeHint, content.Length));
        }
        else if (_partial is null)
        {
            return _isSkipping ? SctpFailure.None : SctpFailure.ProtocolViolation;
        }
        else if (stream != _partialStream || ((flags ^ _partialFlags) & DataChunk.Unordered) != 0 || (ssn != _partialSsn && (flags & DataChunk.Unordered) == 0))
        {
            return SctpFailure.ProtocolViolation;
        }

        if (_partialLength + content.Length > options.MaxMessageBytes)
        {
            return SctpFailure.MessageTooLarge;
        }

        Append(content);
        return ends ? Finish(protocolId) : SctpFailure.None;
    }

    private void Append(ReadOnlySpan<byte> content)
    {
        var needed = _partialLength + content.Length;
        if (needed > _partial!.Length)
        {
            var larger = pool.Rent(Math.Max(needed, Math.Min(_partial.Length * 2, options.MaxMessageBytes)));
            _partial.AsSpan(0, _partialLength).CopyTo(larger);
            pool.Return(_partial);
            _partial = larger;
        }

        content.CopyTo(_partial.AsSpan(_partialLength));
        _partialLength = needed;
    }

    private SctpFailure Finish(uint protocolId)
    {
        var (buffer, length) = (_partial!, _partialLength);
        (_partial, _partialLength, _sizeHint) = (null, 0, Math.Max(2048, length));
        events.AddMessage(_partialStream, protocolId, buffer, length);
        if ((_partialFlags & DataChunk.Unordered) != 0)
        {
            return SctpFailure.None;
        }

        var stream = Stream(_partialStream);
        return stream.Next == _partialSsn ? GoOn(stream) : SctpFailure.ProtocolViolation;
    }

    // The chunks that follow without a gap take their turn. A TSN without a stored chunk was delivered already.
    private SctpFailure Drain(ref bool isUrgent)
    {
        isUrgent = true;
        while (_tsns.Has(_tsns.Cumulative + 1))
        {
            var tsn = _tsns.Cumulative + 1;
            if (_stored.Count > 0 && _stored.At(tsn) is { Buffer: { } buffer } chunk)
            {
                var failure = TakeNext(chunk.Flags, chunk.Stream, chunk.Ssn, chunk.ProtocolId, buffer.AsSpan(0, chunk.Length));
                if (failure != SctpFailure.None)
                {
                    return failure;
                }

                _stored.Remove(tsn);
            }

            _tsns.Advance();
        }

        return SctpFailure.None;
    }

    private SctpFailure TakeEarly(uint first, uint last)
    {
        var chunk = _stored.At(first);
        if ((chunk.Flags & DataChunk.Unordered) != 0)
        {
            return Deliver(first, last);
        }

        var stream = Stream(chunk.Stream);
        if (chunk.Ssn != stream.Next)
        {
            stream.Keep(chunk.Ssn, first);
            return SerialNumber.IsAfter(stream.Next, chunk.Ssn) ? SctpFailure.ProtocolViolation : SctpFailure.None;
        }

        var failure = Deliver(first, last);
        return failure == SctpFailure.None ? GoOn(stream) : failure;
    }

    // The message of the stream's turn was delivered; those that came early follow.
    private SctpFailure GoOn(IncomingStream stream)
    {
        stream.Next++;
        while (stream.TryTake(stream.Next, out var first))
        {
            var failure = Deliver(first, _stored.At(first).OtherEnd);
            if (failure != SctpFailure.None)
            {
                return failure;
            }

            stream.Next++;
        }

        return SctpFailure.None;
    }

    private SctpFailure Deliver(uint first, uint last)
    {
        // Kept by its stream, and then skipped by a sender who did not name the stream.
        if (!SerialNumber.IsAfter(first, _tsns.Cumulative) || _stored.At(first).Buffer is null)
        {
            return SctpFailure.ProtocolViolation;
        }

        var length = 0;
        for (var tsn = first; tsn != last + 1; tsn++)
        {
            length += _stored.At(tsn).Length;
        }

        if (length > options.MaxMessageBytes)
        {
            return SctpFailure.MessageTooLarge;
        }

        var (buffer, at) = (pool.Rent(length), 0);
        var (stream, protocolId) = (_stored.At(first).Stream, _stored.At(first).ProtocolId);
        for (var tsn = first; tsn != last + 1; tsn++)
        {
            ref var chunk = ref _stored.At(tsn);
            chunk.Buffer.AsSpan(0, chunk.Length).CopyTo(buffer.AsSpan(at));
            at += chunk.Length;
            _stored.Remove(tsn);
        }

        events.AddMessage(stream, protocolId, buffer, length);
        return SctpFailure.None;
    }

    // Whole messages up to the number given up are delivered, in order, and then those whose turn it is.
    private SctpFailure SkipTo(ushort id, ushort ssn, ref int steps)
    {
        if (id >= options.MaxStreams || SerialNumber.IsAfter(Stream(id).Next, ssn))
        {
            return SctpFailure.None;
        }

        for (var stream = Stream(id); ; stream.Next++)
        {
            if (stream.Next == ssn || !stream.HasEarly)
            {
                stream.Next = ssn;
                return stream.TryTake(ssn, out var last) && Deliver(last, _stored.At(last).OtherEnd) is not SctpFailure.None and var failed ? failed : GoOn(stream);
            }

            if (--steps < 0)
            {
                return SctpFailure.ProtocolViolation;
            }

            if (stream.TryTake(stream.Next, out var first) && Deliver(first, _stored.At(first).OtherEnd) is not SctpFailure.None and var failure)
            {
                return failure;
            }
        }
    }

    private void RemoveStored(uint upTo)
    {
        for (var at = _tsns.Cumulative + 1; _stored.Count > 0 && !SerialNumber.IsAfter(at, upTo); at++)
        {
            if (_tsns.Has(at))
            {
                _stored.Remove(at);
            }
            else if (at - _tsns.Cumulative > TsnBitmap.Span)
            {
                return;
            }
        }
    }

    private void DropPartial()
    {
        if (_partial is { } buffer)
        {
            pool.Return(buffer);
        }

        (_partial, _partialLength) = (null, 0);
    }

    private IncomingStream Stream(ushort id)
    {
        if (id >= _streams.Length)
        {
            Array.Resize(ref _streams, Math.Min(options.MaxStreams, Math.Max(id + 1, _streams.Length * 2)));
        }

        return _streams[id] ??= new IncomingStream();
    }
}
