namespace Parley.WebRtc.Sctp.Receiving;

/// <summary>The peer's direction of one stream: which ordered message is next, and which whole ones came early.</summary>
internal sealed class IncomingStream
{
    private Dictionary<ushort, uint>? _early;

    /// <summary>Number of the message that is delivered next.</summary>
    public ushort Next { get; set; }

    /// <summary>Whether any message came early.</summary>
    public bool HasEarly => _early is { Count: > 0 };

    /// <summary>Keeps a message that came early, by the TSN of its first fragment.</summary>
    public void Keep(ushort ssn, uint firstTsn) => (_early ??= [])[ssn] = firstTsn;

    /// <summary>Takes a kept message out.</summary>
    public bool TryTake(ushort ssn, out uint firstTsn)
    {
        firstTsn = 0;
        return _early is { Count: > 0 } && _early.Remove(ssn, out firstTsn);
    }

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        Next = 0;
        _early?.Clear();
    }
}
