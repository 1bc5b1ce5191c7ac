using System.Text;
using System.Text.Json;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.PeerApi.Serving;

namespace Parley.Client.PeerApi.Asking;

/// <summary>What a peer's response means. Pure.</summary>
internal static class PeerResponse
{
    private const int MaxErrorLength = 200;

    /// <summary>What a response says.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="retryAfter">Its Retry-After.</param>
    /// <param name="body">Its body.</param>
    /// <param name="read">Reads the body of one that succeeded.</param>
    public static PeerReply Of(int status, TimeSpan? retryAfter, byte[] body, Func<JsonElement, PeerReply> read)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return status is 200 or 202 ? read(root) : Refusal(status, retryAfter, body, root);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return status is 200 or 202
                ? new PeerReply(PeerOutcome.PeerError, $"Peer returned non-JSON: {Shortened(body)}")
                : Refusal(status, retryAfter, body, default);
        }
        finally
        {
            document?.Dispose();
        }
    }

    /// <summary>The answer in a chat completion; one without choices is empty.</summary>
    public static PeerReply Completion(JsonElement root) => new(
        PeerOutcome.Answered,
        root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0 &&
        choices[0].TryGetProperty("message", out var message) && message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String
            ? content.GetString()!
            : string.Empty);

    /// <summary>The state of a task.</summary>
    public static PeerReply Task(JsonElement root)
    {
        var id = PeerClaims.TextOf(root, "task_id");
        var status = PeerClaims.TextOf(root, "status");
        return status switch
        {
            PeerTask.Completed => new PeerReply(PeerOutcome.Answered, PeerClaims.TextOf(root, "result") ?? string.Empty) { Task = id },
            PeerTask.Queued or PeerTask.Running => new PeerReply(PeerOutcome.Pending, $"The peer works on it: {status}.") { Task = id },
            PeerTask.Cancelled => new PeerReply(PeerOutcome.Canceled, "The question was cancelled.") { Task = id },
            PeerTask.Failed => new PeerReply(PeerOutcome.PeerError, $"Peer failed: {ErrorText(root)}") { Task = id },
            _ => new PeerReply(PeerOutcome.PeerError, "Peer returned a task without a state that is known."),
        };
    }

    private static PeerReply Refusal(int status, TimeSpan? retryAfter, byte[] body, JsonElement root) => status switch
    {
        401 or 403 => new PeerReply(PeerOutcome.AuthFailed, $"Peer rejected auth ({status})"),
        508 => new PeerReply(PeerOutcome.HopExceeded, "Peer refused - hop limit reached"),
        429 when IsOf(root, PeerErrors.LoopDetected, PeerErrors.HopExceeded) => new PeerReply(PeerOutcome.HopExceeded, "Peer refused - hop limit reached"),
        429 => new PeerReply(PeerOutcome.RateLimited, "Peer refused - asked too often", retryAfter),
        404 when IsOf(root, null, PeerErrors.TaskNotFound) => new PeerReply(PeerOutcome.TaskUnknown, "The peer has no such task of ours, or does not keep it any more."),
        _ => new PeerReply(PeerOutcome.PeerError, $"Peer returned {status}: {Shortened(body)}"),
    };

    private static bool IsOf(JsonElement root, string? type, string code) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object &&
        (PeerClaims.TextOf(error, "code") == code || (type is not null && PeerClaims.TextOf(error, "type") == type));

    private static string ErrorText(JsonElement root) =>
        root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? $"{PeerClaims.TextOf(error, "message")} ({PeerClaims.TextOf(error, "code")})"
            : "it does not say why.";

    private static string Shortened(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        return text.Length > MaxErrorLength ? text[..MaxErrorLength] : text;
    }
}
