using System.Text;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Rooms;

/// <summary>What kind of thing waits in a seat's inbox.</summary>
internal enum RoomItemKind
{
    /// <summary>The partner's words.</summary>
    Message,

    /// <summary>The hub's words.</summary>
    Notice,

    /// <summary>The notice that both are on standby, which goes stale when one of them speaks again.</summary>
    StandbyNotice,
}

/// <summary>One thing in a seat's inbox. Each door shows it in its own way; none prints it anywhere else.</summary>
/// <param name="kind">What it is.</param>
/// <param name="body">The text in UTF-8; of a notice, one line without its end.</param>
/// <param name="from">The sender's display name; empty for notices.</param>
/// <param name="turn">The marker that the message ended with.</param>
/// <param name="isHuman">Whether a person wrote it.</param>
internal sealed class RoomItem(RoomItemKind kind, Body body, string from = "", Turn turn = Turn.None, bool isHuman = false)
{
    // Name, marker, frame.
    private const int Overhead = 128;

    /// <summary>What it is.</summary>
    public RoomItemKind Kind => kind;

    /// <summary>The text in UTF-8.</summary>
    public Body Body => body;

    /// <summary>The sender's display name; empty for notices.</summary>
    public string From => from;

    /// <summary>The marker that the message ended with.</summary>
    public Turn Turn => turn;

    /// <summary>Whether a person wrote it.</summary>
    public bool IsHuman => isHuman;

    /// <summary>Its place in the order in which things came to this seat, from 1; 0 for words that are in no inbox. By it a reader knows what it had before.</summary>
    public ulong Position { get; set; }

    /// <summary>What it counts in the inbox.</summary>
    public int Bytes => body.Length + Overhead;

    /// <summary>A notice of one line.</summary>
    public static RoomItem Notice(string line, RoomItemKind kind = RoomItemKind.Notice) => new(kind, new Body(Encoding.UTF8.GetBytes(line)));
}
