using Microsoft.Extensions.Logging;

namespace Parley.Testing;

/// <summary>One recorded log line.</summary>
/// <param name="Level">How loud.</param>
/// <param name="Category">Who wrote it.</param>
/// <param name="Event">The event's name, or empty.</param>
/// <param name="Text">The message, and the exception below it.</param>
public sealed record LogLine(LogLevel Level, string Category, string Event, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Level} {Category}: {Text}";
}
