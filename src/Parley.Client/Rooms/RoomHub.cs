using Parley.Protocol.Identity;

namespace Parley.Client.Rooms;

/// <summary>The hub whose rooms are used.</summary>
/// <param name="Address">Where it speaks HTTP.</param>
/// <param name="Pin">Its key when it made its own certificate; null = ordinary validation.</param>
/// <param name="AllowInsecure">Whether plain HTTP to another machine is accepted.</param>
/// <param name="IsNamed">Whether the user named its HTTP address: then it is talked to over HTTP, also when the home has a link to it.</param>
public sealed record RoomHub(Uri Address, SpkiPin? Pin, bool AllowInsecure, bool IsNamed = false);
