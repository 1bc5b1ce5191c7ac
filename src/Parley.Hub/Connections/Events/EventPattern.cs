using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Events;

/// <summary>Which types are wanted: one by name, all below one (<c>workflow.*</c>), or all (<c>*</c>).</summary>
/// <param name="Text">As written.</param>
internal readonly record struct EventPattern(string Text)
{
    /// <summary>All types.</summary>
    public static EventPattern Any { get; } = new("*");

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static EventPattern Parse(string? text) => Parse(text, "events");

    private static EventPattern Parse(string? text, string field)
    {
        var name = text is not null && text.EndsWith(".*", StringComparison.Ordinal) ? text[..^2] : text;
        return text == "*" || EventType.TryParse(name, out _)
            ? new EventPattern(text!)
            : throw new ParleyException(ErrorCode.InvalidArgument, $"An entry of {field} is a type such as workflow.complete, all below one such as workflow.*, or *.") { Field = field };
    }

    /// <summary>Reads the member <c>types</c>: patterns with commas between them.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static IReadOnlyList<EventPattern> ParseList(string? text) => string.IsNullOrWhiteSpace(text)
        ? [Any]
        : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(one => Parse(one, "types"))];

    /// <summary>Whether it means a type.</summary>
    public bool Matches(EventType type) => Text == "*" || Text == type.Text ||
        (Text.EndsWith(".*", StringComparison.Ordinal) && type.Text.StartsWith(Text[..^1], StringComparison.Ordinal));

    /// <inheritdoc/>
    public override string ToString() => Text;
}
