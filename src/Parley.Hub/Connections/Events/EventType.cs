using System.Diagnostics.CodeAnalysis;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Events;

/// <summary>What kind of event: words of <c>a-z A-Z 0-9 _</c> with dots between them, at most 128 characters, such as <c>workflow.complete</c>.</summary>
/// <param name="Text">The name.</param>
internal readonly record struct EventType(string Text)
{
    /// <summary>Longest name in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>A piece of work ended well.</summary>
    public static EventType WorkflowComplete { get; } = new("workflow.complete");

    /// <summary>A piece of work failed.</summary>
    public static EventType WorkflowError { get; } = new("workflow.error");

    /// <summary>An agent got a message.</summary>
    public static EventType MessageReceived { get; } = new("message.received");

    /// <summary>An agent answered what a connection gave it.</summary>
    public static EventType DirectAnswered { get; } = new("direct.answered");

    /// <summary>A schedule of an agent ran.</summary>
    public static EventType ScheduleExecuted { get; } = new("schedule.executed");

    /// <summary>An agent's shared state changed.</summary>
    public static EventType StateUpdate { get; } = new("state.update");

    /// <summary>An agent did more than its budget allows.</summary>
    public static EventType AgentPaused { get; } = new("agent.paused");

    /// <summary>A chain of events brought more than its trace may.</summary>
    public static EventType ChainStopped { get; } = new("chain.stopped");

    /// <summary>A connection sends nothing any more.</summary>
    public static EventType ConnectionDisabled { get; } = new("connection.disabled");

    /// <summary>The patterns that mean this type: itself, <c>workflow.*</c> for each first part of it, and <c>*</c>.</summary>
    public IEnumerable<string> Patterns
    {
        get
        {
            yield return Text;
            for (var dot = Text.LastIndexOf('.'); dot > 0; dot = Text.LastIndexOf('.', dot - 1))
            {
                yield return Text[..dot] + ".*";
            }

            yield return "*";
        }
    }

    /// <summary>Reads a type.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static EventType Parse(string? text) => TryParse(text, out var type)
        ? type
        : throw new ParleyException(ErrorCode.InvalidArgument, $"An event's type is words of letters, digits and _ with dots between them, at most {MaxLength} characters.") { Field = "type" };

    /// <summary>Reads a type; false for what is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventType type)
    {
        type = new EventType(text ?? string.Empty);
        return text is { Length: > 0 and <= MaxLength } && text.Split('.').All(word => word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
