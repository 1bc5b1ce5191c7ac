using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Protocol.Errors;

namespace Parley.Cli.Mcp;

/// <summary>The configuration files of MCP clients, and our entry in them. Pure. An entry of our name that is not ours is never overwritten.</summary>
internal static class ClientConfig
{
    private const string Name = "parley";
    private const string CodexTable = "[mcp_servers.parley]";
    private const int CodexToolSeconds = 60;

    private static readonly JsonDocumentOptions _reading = new() { MaxDepth = 64 };
    private static readonly JsonWriterOptions _writing = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The clients that are known.</summary>
    public static IReadOnlyList<string> Clients { get; } = ["claude", "codex", "gemini", "vscode"];

    /// <summary>Where a client looks.</summary>
    public static string PathOf(string client, string folder, string userHome) => client switch
    {
        "claude" => Path.Combine(folder, ".mcp.json"),
        "gemini" => Path.Combine(folder, ".gemini", "settings.json"),
        "vscode" => Path.Combine(folder, ".vscode", "mcp.json"),
        _ => Path.Combine(userHome, ".codex", "config.toml"),
    };

    /// <summary>The file with our entry in it.</summary>
    /// <param name="client">One of <see cref="Clients"/>.</param>
    /// <param name="present">The file as it is; empty for none.</param>
    /// <param name="entry">Ours.</param>
    /// <returns>The same text when the entry is there already.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: another entry has the name. <see cref="ErrorCode.InvalidArgument"/>: the file cannot be read.</exception>
    public static string Merge(string client, string present, ClientEntry entry) =>
        client == "codex" ? MergeToml(present, entry) : MergeJson(present, client == "vscode" ? "servers" : "mcpServers", Node(entry, client));

    private static JsonObject Node(ClientEntry entry, string client)
    {
        var node = new JsonObject();
        if (client == "vscode")
        {
            node["type"] = "stdio";
        }

        node["command"] = entry.Command;
        node["args"] = new JsonArray([.. entry.Arguments.Select(argument => (JsonNode)argument)]);
        return node;
    }

    private static string MergeJson(string present, string member, JsonObject entry)
    {
        JsonObject root;
        try
        {
            root = present.Trim().Length == 0 ? [] : JsonNode.Parse(present, documentOptions: _reading)!.AsObject();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The client's file is no plain JSON object; add the entry by hand (without --merge it is printed).", exception);
        }

        if (root[member] is { } given and not JsonObject)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The client's file has {member} in a form that is not known ({given.GetValueKind()}).");
        }

        var servers = root[member] as JsonObject ?? [];
        if (servers[Name] is { } other)
        {
            return JsonNode.DeepEquals(other, entry) ? present : throw Taken();
        }

        servers[Name] = entry;
        root[member] = servers.Parent is null ? servers : root[member];
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, _writing))
        {
            root.WriteTo(json);
        }

        return System.Text.Encoding.UTF8.GetString(output.ToArray()) + "\n";
    }

    // Codex cancels calls of tools that are not approved when nobody sits before it.
    private static string MergeToml(string present, ClientEntry entry)
    {
        var table = $"{CodexTable}\ncommand = {Quote(entry.Command)}\nargs = [{string.Join(", ", entry.Arguments.Select(Quote))}]\ntool_timeout_sec = {CodexToolSeconds}\ndefault_tools_approval_mode = \"approve\"\n";
        if (present.Contains(table, StringComparison.Ordinal))
        {
            return present;
        }

        var isTaken = present.Contains("mcp_servers.parley", StringComparison.Ordinal) || present.Contains("mcp_servers.\"parley\"", StringComparison.Ordinal);
        return isTaken ? throw Taken() : present.Length == 0 ? table : $"{present.TrimEnd('\n')}\n\n{table}";
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text, CliJson.Default.String);

    private static ParleyException Taken() => new(ErrorCode.Conflict, $"The client's file has another entry named {Name}; it is left as it is.");
}
