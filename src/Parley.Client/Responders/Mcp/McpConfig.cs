using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Mcp;

/// <summary>Reads the file that coding agents share: <c>{"mcpServers":{NAME:{"command","args","env"}|{"url","headers"}}}</c>. Pure.</summary>
/// <remarks><c>${NAME}</c> and <c>${NAME:-default}</c> stand for environment variables in every value, so that secrets need not stand in the file.</remarks>
public static partial class McpConfig
{
    private const int MaxServers = 64;

    /// <summary>The servers of the file, in its order; disabled ones are left out.</summary>
    /// <param name="json">The text.</param>
    /// <param name="environment">Looks a variable up.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the sentence says what is wrong where.</exception>
    public static IReadOnlyList<McpServerEntry> Read(ReadOnlyMemory<byte> json, Func<string, string?> environment)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("mcpServers", out var servers) || servers.ValueKind != JsonValueKind.Object)
            {
                throw Bad("it has no object \"mcpServers\"");
            }

            var entries = servers.EnumerateObject().Where(server => !IsDisabled(server.Value)).Select(server => One(server, environment)).ToList();
            return entries.Count <= MaxServers ? entries : throw Bad($"it has more than {MaxServers} servers");
        }
        catch (JsonException)
        {
            throw Bad("it is not JSON");
        }
        catch (InvalidOperationException)
        {
            throw Bad("a member is of the wrong kind");
        }
    }

    private static bool IsDisabled(JsonElement server) =>
        server.ValueKind == JsonValueKind.Object && server.TryGetProperty("disabled", out var disabled) && disabled.ValueKind == JsonValueKind.True;

    private static McpServerEntry One(JsonProperty server, Func<string, string?> environment)
    {
        var (name, value) = (server.Name, server.Value);
        if (value.ValueKind != JsonValueKind.Object || name.Length == 0)
        {
            throw Bad($"server \"{name}\" is not an object");
        }

        string Expand(string text) => Variable().Replace(text, match => environment(match.Groups["name"].Value)
            ?? (match.Groups["default"].Success ? match.Groups["default"].Value : throw Bad($"server \"{name}\" needs the variable {match.Groups["name"].Value}, which is not set")));

        var command = Text(value, "command");
        var url = Text(value, "url");
        if (command is null == url is null)
        {
            throw Bad($"server \"{name}\" needs one of \"command\" and \"url\"");
        }

        if (Text(value, "type") is "sse")
        {
            throw Bad($"server \"{name}\" wants the transport \"sse\", which ended with the version of 2025; its address for streamable HTTP will do");
        }

        return new McpServerEntry(name)
        {
            Command = command is null ? null : Expand(command),
            Arguments = value.TryGetProperty("args", out var arguments) ? [.. arguments.EnumerateArray().Select(argument => Expand(argument.GetString() ?? string.Empty))] : [],
            Environment = Texts(value, "env", Expand),
            Url = url is null ? null : AddressOf(name, Expand(url)),
            Headers = Texts(value, "headers", Expand),
        };
    }

    private static Dictionary<string, string> Texts(JsonElement server, string member, Func<string, string> expand) =>
        server.TryGetProperty(member, out var values)
            ? values.EnumerateObject().ToDictionary(value => value.Name, value => expand(value.Value.GetString() ?? string.Empty), StringComparer.Ordinal)
            : [];

    private static string? Text(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.GetString() : null;

    private static Uri AddressOf(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw Bad($"the address of server \"{name}\" does not begin with http:// or https://");

    private static ParleyException Bad(string what) => new(ErrorCode.InvalidArgument, $"The MCP configuration cannot be used: {what}.");

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}")]
    private static partial Regex Variable();
}
