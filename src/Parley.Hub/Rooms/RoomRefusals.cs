using Parley.Protocol.Errors;

namespace Parley.Hub.Rooms;

/// <summary>Every refusal of rooms, with the sentence that scripts look for.</summary>
internal static class RoomRefusals
{
    /// <summary>A token that this hub never made.</summary>
    public static ParleyException Unauthorized() => new(ErrorCode.Unauthenticated, "Unauthorized");

    /// <summary>A token of ours without a seat: not yet, or not any more.</summary>
    public static ParleyException NotInRoom() => new(ErrorCode.RoomNotIn, "Not in a room");

    /// <summary>A token has one room in its life.</summary>
    public static ParleyException AlreadyPaired() => new(ErrorCode.RoomAlreadyPaired, "Already paired to a session");

    /// <summary>Unknown, used and expired codes look alike.</summary>
    public static ParleyException CodeSpent() => new(ErrorCode.RoomCodeSpent, "Invite code invalid or already used");

    /// <summary>The other seat is empty.</summary>
    public static ParleyException PartnerMissing() => new(ErrorCode.RoomPartnerMissing, "Partner not connected");

    /// <summary>The partner reads nothing.</summary>
    public static ParleyException InboxFull() => new(ErrorCode.RoomInboxFull, "Partner has too many unread messages. Try again later.");

    /// <summary>All rooms together hold as much as this hub may.</summary>
    public static ParleyException HubFull() => new(ErrorCode.Unavailable, "The hub's rooms are full. Try again later.") { RetryAfter = TimeSpan.FromMinutes(1) };

    /// <summary>A seat waits once at a time.</summary>
    public static ParleyException WaitPending() => new(ErrorCode.RoomWaitPending, "Wait already pending");

    /// <summary>An invite's joiner cannot set rules.</summary>
    public static ParleyException NotTheCreator() => new(ErrorCode.PermissionDenied, "Only the room creator can set room rules");

    /// <summary>The message was dropped and the room is paused or ended.</summary>
    public static ParleyException Loop() => new(ErrorCode.RoomLoop, "SYSTEM: Repetitive messages detected. Session forcibly paused.");

    /// <summary>The hub stops, or an admin lets no new rooms begin.</summary>
    public static ParleyException Draining() => new(ErrorCode.Draining, "Broker is draining. Try again later.") { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>Too many of something.</summary>
    public static ParleyException TooMany(string sentence, TimeSpan wait) => new(ErrorCode.RateLimited, sentence) { RetryAfter = wait };

    /// <summary>A message larger than the limit.</summary>
    public static ParleyException TooLarge() => new(ErrorCode.MessageTooLarge, "Message too large");

    /// <summary>A message without text.</summary>
    public static ParleyException TextMissing() => new(ErrorCode.InvalidArgument, "Message body required");

    /// <summary>More calls or texts under way at once than one connection may have.</summary>
    public static ParleyException TooBusy() => new(ErrorCode.Unavailable, "Too many calls at once. Try again later.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>Files fill the room.</summary>
    public static ParleyException FilesFull() => new(ErrorCode.MessageTooLarge, "The room holds no more files: let the partner fetch what is there, or send it from peer to peer");

    /// <summary>No such file in this room.</summary>
    public static ParleyException FileUnknown() => new(ErrorCode.NotFound, "No such file in this room");
}
