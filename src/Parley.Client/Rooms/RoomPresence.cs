namespace Parley.Client.Rooms;

/// <summary>Whether the partner is there.</summary>
/// <param name="IsPartnerConnected">Whether the other seat is taken.</param>
/// <param name="PartnerLastSeen">How long ago the partner did something; null without a partner.</param>
public sealed record RoomPresence(bool IsPartnerConnected, TimeSpan? PartnerLastSeen);
