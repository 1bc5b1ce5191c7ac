using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Client.Rooms.Supervision;

/// <summary>Which program answers, with which arguments, and how its answer is read. Pure.</summary>
/// <remarks>
/// The presets use each program's mode without a terminal, the prompt on standard input, and take the program's own conversation up again with each message of the room.
/// They leave its permission checks alone: what it may not do without being asked it does not do. <see cref="SkipsPermissions"/> is the one exception.
/// </remarks>
/// <param name="Kind">What answers.</param>
public sealed record RunnerPlan(RunnerKind Kind)
{
    /// <summary>The command of <see cref="RunnerKind.Custom"/>, for bash.</summary>
    public string Command { get; init; } = string.Empty;

    /// <summary>Further arguments for a preset's program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Whether a preset's program is told to ask for no permission at all.</summary>
    public bool SkipsPermissions { get; init; }

    /// <summary>Whether the program remembers earlier messages by itself.</summary>
    public bool Remembers => Kind != RunnerKind.Custom;

    /// <summary>Program and arguments.</summary>
    /// <param name="session">The program's conversation so far; null for the first message.</param>
    /// <param name="freshSession">The id that a new conversation is to have, where the program lets the caller choose.</param>
    /// <param name="responseFile">Where the answer may be written.</param>
    public IReadOnlyList<string> WordsFor(string? session, string freshSession, string responseFile) => Kind switch
    {
        RunnerKind.Claude =>
        [
            "claude", "-p", "--output-format", "json", .. session is null ? ["--session-id=" + freshSession] : (string[])["--resume=" + session],
            .. SkipsPermissions ? ["--dangerously-skip-permissions"] : (string[])[], .. Arguments,
        ],
        RunnerKind.Codex =>
        [
            "codex", "exec", "--json", "--skip-git-repo-check", "-o", responseFile,
            .. SkipsPermissions ? ["--dangerously-bypass-approvals-and-sandbox"] : (string[])[], .. Arguments,
            .. session is null ? [] : (string[])["resume", session], "-",
        ],
        RunnerKind.Gemini =>
        [
            "gemini", "--output-format", "json", .. session is null ? ["--session-id", freshSession] : (string[])["--resume", session],
            .. SkipsPermissions ? ["--approval-mode", "yolo"] : (string[])[], .. Arguments,
        ],
        _ => ["bash", "-lc", Command],
    };

    /// <summary>Reads what the program left.</summary>
    /// <param name="output">Its standard output.</param>
    /// <param name="response">The response file's text; empty when there is none.</param>
    /// <param name="session">The conversation that it was told to use.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/>: it says that it failed.</exception>
    public RunnerReply Read(string output, string response, string session)
    {
        var reply = Kind switch
        {
            RunnerKind.Claude => ReadClaude(output, session),
            RunnerKind.Codex => ReadCodex(output, session),
            RunnerKind.Gemini => ReadGemini(output, session),
            _ => new RunnerReply(output.Trim(), session),
        };
        var written = response.Trim();
        return written.Length > 0 ? reply with { Text = written } : reply;
    }

    private static RunnerReply ReadClaude(string output, string session)
    {
        using var json = TryParse(output);
        if (json?.RootElement is not { ValueKind: JsonValueKind.Object } result)
        {
            return new RunnerReply(output.Trim(), session);
        }

        if (result.TryGetProperty("is_error", out var isError) && isError.ValueKind == JsonValueKind.True)
        {
            throw Failed("claude");
        }

        return new RunnerReply(TextOf(result, "result").Trim(), TextOf(result, "session_id") is { Length: > 0 } own ? own : session);
    }

    private static RunnerReply ReadGemini(string output, string session)
    {
        using var json = TryParse(output);
        if (json?.RootElement is not { ValueKind: JsonValueKind.Object } result)
        {
            return new RunnerReply(output.Trim(), session);
        }

        if (result.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            throw Failed("gemini");
        }

        return new RunnerReply(TextOf(result, "response").Trim(), TextOf(result, "session_id") is { Length: > 0 } own ? own : session);
    }

    // One JSON object a line; the last message of the agent is its answer.
    private static RunnerReply ReadCodex(string output, string session)
    {
        var reply = new RunnerReply(string.Empty, session);
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = TryParse(line);
            if (json?.RootElement is not { ValueKind: JsonValueKind.Object } happened)
            {
                continue;
            }

            switch (TextOf(happened, "type"))
            {
                case "thread.started" when TextOf(happened, "thread_id") is { Length: > 0 } thread:
                    reply = reply with { Session = thread };
                    break;
                case "item.completed" when happened.TryGetProperty("item", out var item) && item.ValueKind == JsonValueKind.Object && TextOf(item, "type") == "agent_message":
                    reply = reply with { Text = TextOf(item, "text").Trim() };
                    break;
                case "turn.failed":
                    throw Failed("codex");
                default:
                    break;
            }
        }

        return reply;
    }

    private static JsonDocument? TryParse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string TextOf(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;

    private static ParleyException Failed(string program) => new(ErrorCode.ResponderFailed, $"{program} says that it failed; run it by hand to see why.");
}
