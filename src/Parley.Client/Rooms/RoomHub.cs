using Parley.Protocol.Identity;

namespace Parley.Client.Rooms;

/// <summary>The hub whose rooms are used.</summary>
/// <param name="Address">Where it speaks HTTP.</param>
/// <param name="Pin">Its key when it made its own certificate; null = ordinary validation.</param>
/// <param name="AllowInsecure">Whether plain HTTP to another machine is accepted.</param>
public sealed record RoomHub(Uri Address, SpkiPin? Pin, bool AllowInsecure);
