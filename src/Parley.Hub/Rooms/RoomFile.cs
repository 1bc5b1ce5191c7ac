using Parley.Protocol.Messaging;

namespace Parley.Hub.Rooms;

/// <summary>A file that one seat put into the room for the other, in memory.</summary>
/// <param name="number">Counts from 1 in its room.</param>
/// <param name="name">A harmless form of its name.</param>
/// <param name="content">The bytes.</param>
/// <param name="from">Whose it is.</param>
internal sealed class RoomFile(int number, string name, Body content, SeatRole from)
{
    /// <summary>Longest name in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Counts from 1 in its room.</summary>
    public int Number => number;

    /// <summary>A harmless form of its name.</summary>
    public string Name => name;

    /// <summary>The bytes.</summary>
    public Body Content => content;

    /// <summary>Whose it is.</summary>
    public SeatRole From => from;

    /// <summary>Whether the other side has it, so that it may make room for the next.</summary>
    public bool IsFetched { get; set; }

    /// <summary>Letters, digits, dots and dashes stay; the rest becomes <c>_</c>, so that a name is one word of a notice and no path.</summary>
    public static string SafeName(string? name)
    {
        var characters = (name ?? string.Empty).Take(MaxNameLength).Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' ? character : '_').ToArray();
        var safe = new string(characters).TrimStart('.');
        return safe.Length > 0 ? safe : "file";
    }
}
