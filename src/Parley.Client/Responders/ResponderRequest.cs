using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>One message as a responder sees it, whatever door it came through.</summary>
/// <param name="Id">The envelope's id.</param>
/// <param name="From">Canonical address of the sender, stamped by whoever authenticated it.</param>
/// <param name="Thread">The conversation; empty for one of its own.</param>
/// <param name="Type">Text, command, file, rpc or auto.</param>
/// <param name="Content">The message itself: text, script or the file's bytes.</param>
public sealed record ResponderRequest(string Id, string From, string Thread, MessageType Type, Body Content)
{
    private static readonly IReadOnlyDictionary<string, string> _noMeta = new Dictionary<string, string>();

    /// <summary>The sender's name for the content, for type file; the sender's word, to be sanitised before it becomes a path.</summary>
    public string? FileName { get; init; }

    /// <summary>The sender's media type of the content.</summary>
    public string? MediaType { get; init; }

    /// <summary>The sender's metadata.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = _noMeta;

    /// <summary>Attachments.</summary>
    public IReadOnlyList<ResponderFile> Files { get; init; } = [];

    /// <summary>When the hub, or the door, took the message, by this machine's clock; null: now.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>How long the sender waits from then on. A command that has not begun when it has passed is not started; null: the sender waits for as long as it takes.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>The conversation so far, oldest first, for doors whose caller carries it; null: the responder keeps its own history by thread.</summary>
    public IReadOnlyList<ResponderTurn>? History { get; init; }

    /// <summary>The A2A task that this message belongs to.</summary>
    public string? TaskId { get; init; }
}

/// <summary>A file on its way to or from a responder.</summary>
/// <param name="Name">Name without folders; on the way in the sender's word.</param>
/// <param name="Content">The bytes.</param>
/// <param name="MediaType">Media type, when known.</param>
public sealed record ResponderFile(string Name, Body Content, string? MediaType = null);

/// <summary>One earlier turn of a conversation.</summary>
/// <param name="FromAgent">True when this agent said it, false when the other side did.</param>
/// <param name="Text">What was said.</param>
public sealed record ResponderTurn(bool FromAgent, string Text);
