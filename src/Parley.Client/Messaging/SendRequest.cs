using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>What to send, and how long to care.</summary>
/// <param name="Message">The body.</param>
/// <param name="Type">How the receiver is to take it.</param>
public sealed record SendRequest(Message Message, MessageType Type)
{
    /// <summary>Whether to wait for the answer; false returns at the receipt.</summary>
    public bool Waits { get; init; } = true;

    /// <summary>How long to wait for the answer; while the receiver reports progress the wait is extended.</summary>
    /// <value>90 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long the message may wait for its receiver; null = the hub's default.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Whether to fail at once when nobody listens.</summary>
    public bool IsOnlineOnly { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public string? Thread { get; init; }

    /// <summary>The request that made this agent send it, for the hop limit.</summary>
    public string? Cause { get; init; }

    /// <summary>Whether an answer that comes after the wait was given up is thrown away; else it stays in the mailbox for whoever fetches it.</summary>
    public bool DropsLateReply { get; init; }
}
