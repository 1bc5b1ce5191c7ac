using System.Text;
using Parley.Client.Chat.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Chat;

/// <summary>What one end of a chat said and heard: numbers, what is not acknowledged yet, and what came before. Pure; one caller at a time.</summary>
/// <remarks>It outlives paths and sessions. Each path begins with both hellos, after which what the other end does not have is said again, and what it says again is not taken twice.</remarks>
internal sealed class ChatState(Guid speaker, int maxHeld)
{
    private readonly LinkedList<ChatItem> _held = new();
    private long _next = 1;
    private long _sent;
    private Guid _heard;
    private long _received;

    /// <summary>Whether more may be said; else something must be acknowledged first.</summary>
    public bool HasRoom => _held.Count < maxHeld;

    /// <summary>How much was said and not acknowledged.</summary>
    public int Held => _held.Count;

    /// <summary>Up to which number the other end's words are here.</summary>
    public long Received => _received;

    /// <summary>Whom this end heard last; nobody yet when it is empty.</summary>
    public Guid Heard => _heard;

    /// <summary>Says something; it leaves when a path takes it.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageTooLarge"/>; or <see cref="ErrorCode.Unavailable"/> without room.</exception>
    public long Say(ChatItemKind kind, DateTimeOffset sentAt, long file, long size, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > ChatOptions.MaxTextBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, $"A line of a chat has at most {ChatOptions.MaxTextBytes} bytes: send longer text as a file.");
        }

        if (!HasRoom)
        {
            throw new ParleyException(ErrorCode.Unavailable, "The other end has acknowledged nothing for a while: wait until it does.");
        }

        _held.AddLast(new ChatItem(_next, kind, sentAt, file, size, text));
        return _next++;
    }

    /// <summary>What this end says first on a path.</summary>
    public ChatHello Hello() => new(ChatHello.Version, ChatHello.Version, speaker, First, _heard, _received);

    /// <summary>Begins a path with what the other end said first: what it has is forgotten here, the rest is said again.</summary>
    /// <returns>The last number that it has acknowledged; 0 when it has heard nothing of this end.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolVersion"/>, or <see cref="ErrorCode.ProtocolViolation"/> for numbers that cannot be.</exception>
    public long Begin(ChatHello theirs)
    {
        if (theirs.VersionMin > ChatHello.Version || theirs.VersionMax < ChatHello.Version)
        {
            throw new ParleyException(ErrorCode.ProtocolVersion, "The two programs speak no common version of chats.");
        }

        if (theirs.Speaker == speaker || theirs.Speaker == Guid.Empty)
        {
            throw ChatFrame.Broken();
        }

        if (theirs.Speaker != _heard)
        {
            (_heard, _received) = (theirs.Speaker, theirs.First - 1);
        }
        else if (theirs.First > _received + 1)
        {
            throw ChatFrame.Broken();
        }

        var known = theirs.Heard == speaker ? theirs.Received : 0;
        Acknowledge(known);
        _sent = First - 1;
        return known;
    }

    /// <summary>The next thing that this path has not carried; null when there is none.</summary>
    public ChatItem? Next()
    {
        for (var node = _held.First; node is not null; node = node.Next)
        {
            if (node.Value.Number > _sent)
            {
                _sent = node.Value.Number;
                return node.Value;
            }
        }

        return null;
    }

    /// <summary>Whether what the other end says is new; false for what came before.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: something before it is missing.</exception>
    public bool IsNew(ChatItem item) => item.Number > _received + 1 ? throw ChatFrame.Broken() : item.Number > _received;

    /// <summary>Something new of the other end was shown: from now on it counts as received.</summary>
    public void Take(ChatItem item) => _received = item.Number;

    /// <summary>The other end has everything up to a number.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: nothing of that number was said.</exception>
    public void Acknowledge(long number)
    {
        if (number >= _next)
        {
            throw ChatFrame.Broken();
        }

        while (_held.First is { } node && node.Value.Number <= number)
        {
            _held.RemoveFirst();
        }
    }

    private long First => _held.First?.Value.Number ?? _next;
}
