using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>What became of a send.</summary>
/// <param name="Id">The envelope's id.</param>
/// <param name="Target">Who it was sent to, as the hub resolved it.</param>
/// <param name="Status">How far it came.</param>
/// <param name="Reply">The answer, when it came.</param>
/// <param name="Receipts">All receipts, oldest first.</param>
/// <param name="Elapsed">From the send to this result.</param>
/// <param name="Error">Why there is no answer, when one was waited for.</param>
public sealed record SendResult(
    string Id, string Target, SendStatus Status, Reply? Reply, IReadOnlyList<Receipt> Receipts, TimeSpan Elapsed, ParleyException? Error);

/// <summary>How far a message came before the sender stopped waiting.</summary>
public enum SendStatus
{
    /// <summary>The answer came.</summary>
    Answered,

    /// <summary>It is in the receiver's process; no answer was waited for, or none came in time.</summary>
    Delivered,

    /// <summary>A person reads it.</summary>
    Read,

    /// <summary>It waits in the mailbox.</summary>
    Held,

    /// <summary>The hub or the receiver refused it.</summary>
    Refused,

    /// <summary>Nobody took it in time.</summary>
    Expired,

    /// <summary>It was withdrawn, or could not be handled.</summary>
    Failed,

    /// <summary>It may or may not have been handled.</summary>
    Unknown,
}
