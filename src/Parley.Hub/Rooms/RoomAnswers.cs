namespace Parley.Hub.Rooms;

/// <summary>What whoever opens a room is told.</summary>
/// <param name="Token">Its token, if it was made with the room.</param>
/// <param name="Code">The code for the partner.</param>
/// <param name="RoomName">The room's name, for admins.</param>
/// <param name="Role">The creator's seat.</param>
internal sealed record RoomOpened(string? Token, string Code, string RoomName, SeatRole Role);

/// <summary>What whoever redeems a code is told.</summary>
/// <param name="Token">Its token, if it was made with the seat.</param>
/// <param name="RoomName">The room's name, for admins.</param>
/// <param name="Role">The seat it got.</param>
/// <param name="IsHeadless">The rule that agents ask nobody.</param>
internal sealed record RoomJoined(string? Token, string RoomName, SeatRole Role, bool IsHeadless);

/// <summary>What a ping tells.</summary>
/// <param name="IsPartnerConnected">Whether the other seat is taken.</param>
/// <param name="PartnerLastSeen">How long ago the partner did something; null without a partner.</param>
internal sealed record RoomPresence(bool IsPartnerConnected, TimeSpan? PartnerLastSeen);

/// <summary>Which room an admin means; exactly one is set.</summary>
/// <param name="Token">By a token of one of its seats.</param>
/// <param name="Code">By the code that is out.</param>
/// <param name="RoomName">By its name.</param>
internal sealed record RoomTarget(string? Token, string? Code, string? RoomName);
