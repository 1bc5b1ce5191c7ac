namespace Parley.Protocol.Link;

/// <summary>What a hub's welcome says that it can do beyond its link version; a client uses nothing else of it.</summary>
public static class LinkCapabilities
{
    /// <summary>Room calls are answered.</summary>
    public const string Rooms = "rooms";
}
