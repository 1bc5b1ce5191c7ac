namespace Parley.WebRtc.Sctp.Sending;

/// <summary>Messages that wait for their first transmission, and which one is next.</summary>
/// <remarks>
/// Fragments of a message have consecutive TSNs, so a message once begun goes to its end. Between messages the stream that has had the least, by its weight,
/// is next (stride scheduling): a short message of one stream waits for one message of another, not for its whole queue.
/// </remarks>
internal sealed class SendQueue(BufferPool pool)
{
    private readonly Dictionary<ushort, OutgoingStream> _streams = [];
    private readonly List<OutgoingStream> _active = [];
    private readonly Stack<OutgoingMessage> _spare = new();
    private OutgoingMessage? _current;
    private long _pass;

    /// <summary>Bytes without a TSN, of all streams.</summary>
    public long Bytes { get; private set; }

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _current is null && _active.Count == 0;

    /// <summary>The stream's state, made on first use.</summary>
    public OutgoingStream Stream(ushort id)
    {
        if (!_streams.TryGetValue(id, out var stream))
        {
            _streams[id] = stream = new OutgoingStream(id);
        }

        return stream;
    }

    /// <summary>Appends a message to its stream.</summary>
    public void Add(ushort id, uint protocolId, ReadOnlySpan<byte> payload, SctpDelivery delivery, TimeSpan now)
    {
        var message = _spare.TryPop(out var spare) ? spare : new OutgoingMessage();
        message.Buffer = pool.Rent(payload.Length);
        payload.CopyTo(message.Buffer);
        var stream = Stream(id);
        (message.Length, message.Stream, message.ProtocolId) = (payload.Length, stream, protocolId);
        (message.IsUnordered, message.MaxRetransmits) = (delivery.IsUnordered, delivery.MaxRetransmits ?? -1);
        message.ExpiresAt = delivery.Lifetime is { } lifetime ? now + lifetime : TimeSpan.MaxValue;
        (message.Sent, message.Fragments, message.Kept, message.IsAbandoned) = (0, 0, 0, false);
        if (stream.Waiting.Count == 0)
        {
            stream.Pass = Math.Max(stream.Pass, _pass);
            _active.Add(stream);
        }

        stream.Waiting.Enqueue(message);
        stream.Bytes += payload.Length;
        Bytes += payload.Length;
    }

    /// <summary>The message whose next fragment is to be sent, or null. Those that expired before their first fragment are dropped on the way.</summary>
    public OutgoingMessage? Peek(TimeSpan now)
    {
        while (_current is null && _active.Count > 0)
        {
            var stream = LeastServed();
            var message = stream.Waiting.Dequeue();
            if (stream.Waiting.Count == 0)
            {
                _active.Remove(stream);
            }

            _pass = stream.Pass;
            stream.Pass += (long)message.Length * OutgoingStream.NormalWeight / stream.Weight;
            if (message.ExpiresAt <= now)
            {
                Forget(message);
                Release(message);
                continue;
            }

            message.Ssn = message.IsUnordered ? (ushort)0 : stream.NextSsn++;
            _current = message;
        }

        return _current;
    }

    /// <summary>The next bytes of the message of <see cref="Peek"/> got a TSN.</summary>
    public void Advance(int length)
    {
        var message = _current!;
        message.Sent += length;
        Bytes -= length;
        message.Stream.Bytes -= length;
        if (message.Sent == message.Length)
        {
            _current = null;
        }
    }

    /// <summary>Takes back what has no TSN yet of a message that is given up.</summary>
    public void Drop(OutgoingMessage message)
    {
        if (ReferenceEquals(message, _current))
        {
            Forget(message);
            _current = null;
        }
    }

    /// <summary>A message is done with.</summary>
    public void Release(OutgoingMessage message)
    {
        pool.Return(message.Buffer);
        message.Buffer = [];
        _spare.Push(message);
    }

    /// <summary>Whether something of the stream still waits for a TSN.</summary>
    public bool HasWaiting(ushort id) => _current?.Stream.Id == id || (_streams.TryGetValue(id, out var stream) && stream.Waiting.Count > 0);

    /// <summary>Bytes of a stream without a TSN.</summary>
    public long BytesOf(ushort id) => _streams.TryGetValue(id, out var stream) ? stream.Bytes : 0;

    /// <summary>The numbers of all streams begin anew, and a message under way is begun anew.</summary>
    public void Restart()
    {
        foreach (var stream in _streams.Values)
        {
            (stream.NextSsn, stream.IsResetting) = (0, false);
        }

        if (_current is { } message)
        {
            Forget(message);
            _current = null;
        }
    }

    private void Forget(OutgoingMessage message)
    {
        Bytes -= message.Length - message.Sent;
        message.Stream.Bytes -= message.Length - message.Sent;
    }

    private OutgoingStream LeastServed()
    {
        var least = _active[0];
        foreach (var stream in _active)
        {
            least = stream.Pass < least.Pass ? stream : least;
        }

        return least;
    }
}
