namespace Parley.WebRtc.Sctp;

/// <summary>What happened and was not read yet. Messages count against the window that the peer is told, so a reader that stops stops the sender.</summary>
internal sealed class EventQueue(BufferPool pool)
{
    /// <summary>What an event or a stored chunk costs beside its bytes.</summary>
    public const int Overhead = 64;

    private readonly Queue<Entry> _entries = new();
    private byte[]? _lent;
    private SctpEventKind _newest;

    /// <summary>Bytes that wait, overhead included.</summary>
    public long Bytes { get; private set; }

    /// <summary>Appends a message; the buffer comes back when the event after it is read.</summary>
    public void AddMessage(ushort stream, uint protocolId, byte[] buffer, int length)
    {
        _newest = SctpEventKind.Message;
        _entries.Enqueue(new Entry(new SctpEvent(SctpEventKind.Message, stream, protocolId, new ReadOnlyMemory<byte>(buffer, 0, length)), buffer));
        Bytes += length + Overhead;
    }

    /// <summary>Appends anything else.</summary>
    public void Add(SctpEvent happened)
    {
        // A peer may begin anew as often as it likes: without anything in between, its reader learns no more from the second time.
        if (happened.Kind == SctpEventKind.Restarted && _newest == SctpEventKind.Restarted && _entries.Count > 0)
        {
            return;
        }

        _newest = happened.Kind;
        _entries.Enqueue(new Entry(happened, null));
        Bytes += Overhead;
    }

    /// <summary>Takes the oldest event out.</summary>
    public bool TryRead(out SctpEvent happened)
    {
        if (_lent is { } lent)
        {
            pool.Return(lent);
            _lent = null;
        }

        if (!_entries.TryDequeue(out var entry))
        {
            happened = default;
            return false;
        }

        (happened, _lent) = (entry.Happened, entry.Buffer);
        Bytes -= happened.Payload.Length + Overhead;
        return true;
    }

    private readonly record struct Entry(SctpEvent Happened, byte[]? Buffer);
}
