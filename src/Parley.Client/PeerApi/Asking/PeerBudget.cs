using System.Text.Json;
using Parley.Client.PeerApi.Serving;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Asking;

/// <summary>How many hops a question may still take that another one causes. Each answer has its own budget, in its own metadata: they never mix.</summary>
public static class PeerBudget
{
    /// <summary>The variable that has a message's metadata as JSON, in programs that answer one.</summary>
    public const string ContextVariable = "PARLEY_CONTEXT";

    private const string CauseVariable = "PARLEY_CAUSE";

    /// <summary>The answer inside of which this process runs.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: a variable is damaged.</exception>
    public static PeerCause Of(Func<string, string?> environment) =>
        LeftOf(environment(ContextVariable)) is { } left ? new PeerCause(left, environment(CauseVariable)) : new PeerCause(null, null);

    /// <summary>What metadata leaves; null when the message came through no peer.</summary>
    public static int? LeftOf(IReadOnlyDictionary<string, string> meta) => meta.TryGetValue(PeerMessage.HopsKey, out var text) ? Parse(text) : null;

    /// <summary>What <see cref="ContextVariable"/> leaves.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: it is damaged.</exception>
    internal static int? LeftOf(string? context)
    {
        if (string.IsNullOrEmpty(context))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(context);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(PeerMessage.HopsKey, out var hops) ? Parse(hops.GetString()) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"{ContextVariable} is damaged.", exception);
        }
    }

    // What cannot be read leaves nothing: a circle must not get a new budget by it.
    private static int Parse(string? text) => int.TryParse(text, out var left) ? left : 0;
}

/// <summary>The answer inside of which a question is asked.</summary>
/// <param name="HopsLeft">Its hop budget; null for none: a user asks.</param>
/// <param name="Session">The conversation to ask in. Questions of one conversation wait for each other: in the usual one it might wait for the question that waits for it.</param>
public sealed record PeerCause(int? HopsLeft, string? Session);
