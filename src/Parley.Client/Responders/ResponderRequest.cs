using Parley.Gateway.OpenAi;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Message = Parley.Gateway.Wire.V1.Message;

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

    /// <summary>
    /// What is new in the thread since this agent called tools of the sender's, results and all, oldest first; <see cref="Content"/> repeats the text of it.
    /// Null where the message brings no results, or where <see cref="History"/> has them.
    /// </summary>
    public IReadOnlyList<ResponderTurn>? News { get; init; }

    /// <summary>The A2A task that this message belongs to.</summary>
    public string? TaskId { get; init; }

    /// <summary>The message as A2A has it, when it came through such a door: data, addresses, free metadata and the order of parts. Its files are in <see cref="Files"/>.</summary>
    public Message? A2a { get; init; }

    /// <summary>Which of the agent's own tools may be used for this sender, by name; null: all.</summary>
    public Func<string, bool>? MayUseTool { get; init; }

    /// <summary>A model is told to tell this sender nothing private and to change nothing for it. Words alone: what counts is <see cref="MayUseTool"/>.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>The sender's own tools, a JSON array as OpenAI writes it; they run at the sender.</summary>
    public Body? Tools { get; init; }
}

/// <summary>A file on its way to or from a responder.</summary>
/// <param name="Name">Name without folders; on the way in the sender's word.</param>
/// <param name="Content">The bytes.</param>
/// <param name="MediaType">Media type, when known.</param>
public sealed record ResponderFile(string Name, Body Content, string? MediaType = null);

/// <summary>One earlier turn of a conversation.</summary>
/// <param name="Role">Who said it.</param>
/// <param name="Text">What was said.</param>
public sealed record ResponderTurn(TurnRole Role, string Text)
{
    /// <summary>Of a turn of this agent: the calls of the sender's tools that it made.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Of a tool's turn: the id of the call that it answers; empty when the sender did not say.</summary>
    public string ToolCall { get; init; } = string.Empty;

    /// <summary>The role alone: content stays out of logs.</summary>
    public override string ToString() => $"ResponderTurn({Role}, {Text.Length} characters)";
}

/// <summary>Who said something in a conversation.</summary>
public enum TurnRole
{
    /// <summary>The other side.</summary>
    User,

    /// <summary>This agent.</summary>
    Agent,

    /// <summary>The other side, about how it wants to be answered. It binds nobody.</summary>
    System,

    /// <summary>A tool of the other side's, which this agent called.</summary>
    Tool,
}
