using Parley.Hub.Rooms.Limits;

namespace Parley.Hub.Rooms;

/// <summary>A room as the service keeps it: the rules, who sits there, which code is out, when to look at it again.</summary>
/// <param name="room">The rules.</param>
/// <param name="name">Its name as callers see it.</param>
internal sealed class OpenRoom(Room room, string name)
{
    /// <summary>The rules; their gate guards the members here as well.</summary>
    public Room Room => room;

    /// <summary>Its name as callers see it.</summary>
    public string Name => name;

    /// <summary>Everybody who sits or sat there and was not forgotten yet.</summary>
    public List<Visitor> Visitors { get; } = new(2);

    /// <summary>The code that is out, if one is.</summary>
    public (SecretHash Hash, JoinCode Code)? Code { get; set; }

    /// <summary>When to look at it again.</summary>
    public Expiry? Expiry { get; set; }

    /// <summary>When it was closed; null while it is not.</summary>
    public TimeSpan? ClosedAt { get; set; }
}
