namespace Parley.Protocol.Link;

/// <summary>What a hub's welcome says that it can do beyond its link version; a client uses nothing else of it.</summary>
public static class LinkCapabilities
{
    /// <summary>Room calls are answered.</summary>
    public const string Rooms = "rooms";

    /// <summary>Signals between agents are carried.</summary>
    public const string Signals = "signals";

    /// <summary>Relay circuits are made.</summary>
    public const string Relay = "relay";
}
