using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Cli.Skill;
using Parley.Protocol.Errors;

namespace Parley.Cli.Mcp;

/// <summary>The hooks by which a coding agent hears that mail has come: entries in the client's settings that run <c>parley mcp --mail-hook</c>. Pure.</summary>
/// <remarks>
/// They run when a session begins, when its user says something and after each tool; Claude Code asks once more before it stops. What is in the file already stays byte for byte.
/// </remarks>
internal static class ClientHooks
{
    /// <summary>The option that the entries run.</summary>
    public const string Option = "--mail-hook";

    private const int Seconds = 10;

    /// <summary>The clients whose hooks are known.</summary>
    public static IReadOnlyList<string> Clients { get; } = ["claude", "gemini"];

    /// <summary>Where a client looks in its folder: for Claude Code the file that is not shared with others, since the entries name this machine's program.</summary>
    public static string PathOf(string client) => client == "claude" ? ".claude/settings.local.json" : ".gemini/settings.json";

    /// <summary>The entries.</summary>
    public static byte[] Of(string client, ClientEntry entry)
    {
        var command = string.Join(' ', new[] { entry.Command }.Concat(entry.Arguments).Append(Option).Select(Quote));
        string[] events = client == "claude" ? ["SessionStart", "UserPromptSubmit", "PostToolUse", "Stop"] : ["SessionStart", "BeforeAgent", "AfterTool"];
        var hooks = new JsonObject();
        foreach (var name in events)
        {
            var hook = new JsonObject { ["type"] = "command", ["command"] = command, ["timeout"] = client == "claude" ? Seconds : Seconds * 1000 };
            if (client == "gemini")
            {
                hook["name"] = "parley-mail";
            }

            hooks[name] = new JsonArray(new JsonObject { ["hooks"] = new JsonArray(hook) });
        }

        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["hooks"] = hooks }, CliJson.Compact.JsonObject);
    }

    /// <summary>The file with the entries in it; the same bytes when they are there already.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: entries of ours that are not the same. <see cref="ErrorCode.InvalidArgument"/>: the file cannot be read.</exception>
    public static byte[] Merge(byte[] present, byte[] entries)
    {
        try
        {
            var merged = JsonMerge.Merge(present, entries);
            var isTaken = merged.Added.Count > 0 && present.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Option)) >= 0;
            return isTaken
                ? throw new ParleyException(ErrorCode.Conflict, $"The client's file has other hooks that run {Option}; it is left as it is.")
                : merged.Content;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The client's file is none that can be added to; add the hooks by hand (--print shows them).", exception);
        }
    }

    private static string Quote(string word) =>
        word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || "/._-+=:@%".Contains(character, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
