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

    /// <summary>Takes a budget along in the metadata of what is sent on through a hub, which counts its own hops and knows nothing of ours: a circle through both must not begin anew at each.</summary>
    /// <param name="meta">The metadata of what is sent.</param>
    /// <param name="left">The budget of the message that caused it; null: none did that came from a peer.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageHops"/>: it is spent.</exception>
    public static void TakeAlong(IDictionary<string, string> meta, int? left)
    {
        if (left is { } budget)
        {
            meta[PeerMessage.HopsKey] = budget > 0 ? (budget - 1).ToString() : throw new ParleyException(ErrorCode.MessageHops, "The hop budget is spent: agents ask each other in a circle.");
        }
    }

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
