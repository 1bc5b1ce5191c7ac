using System.Text.Json;
using Parley.Cli.Mcp;
using Parley.Protocol.Errors;

namespace Parley.Tests.Mcp;

public sealed class ClientConfigTests
{
    private static readonly ClientEntry _entry = new("/opt/parley", ["--home", "/h", "mcp"]);

    [Theory]
    [InlineData("claude", """{"mcpServers":{"parley":{"command":"/opt/parley","args":["--home","/h","mcp"]}}}""")]
    [InlineData("gemini", """{"mcpServers":{"parley":{"command":"/opt/parley","args":["--home","/h","mcp"]}}}""")]
    [InlineData("vscode", """{"servers":{"parley":{"type":"stdio","command":"/opt/parley","args":["--home","/h","mcp"]}}}""")]
    public void A_client_that_reads_JSON_gets_its_own_form(string client, string expected) =>
        Assert.Equal(expected, JsonSerializer.Serialize(JsonElement.Parse(ClientConfig.Merge(client, string.Empty, _entry))));

    [Fact]
    public void Codex_gets_a_table_that_approves_the_tools() => Assert.Equal(
        """
        [mcp_servers.parley]
        command = "/opt/parley"
        args = ["--home", "/h", "mcp"]
        tool_timeout_sec = 60
        default_tools_approval_mode = "approve"

        """.ReplaceLineEndings("\n"),
        ClientConfig.Merge("codex", string.Empty, _entry));

    [Theory]
    [InlineData("claude", """{"theme":"dark","mcpServers":{"files":{"command":"x"}}}""", "files")]
    [InlineData("codex", "model = \"m\"\n[mcp_servers.files]\ncommand = \"x\"\n", "[mcp_servers.files]")]
    public void Other_entries_stay_and_a_second_merge_changes_nothing(string client, string present, string other)
    {
        var once = ClientConfig.Merge(client, present, _entry);

        Assert.Contains(other, once, StringComparison.Ordinal);
        Assert.Contains("/opt/parley", once, StringComparison.Ordinal);
        Assert.Equal(once, ClientConfig.Merge(client, once, _entry));
    }

    [Theory]
    [InlineData("claude", """{"mcpServers":{"parley":{"command":"theirs"}}}""", ErrorCode.Conflict)]
    [InlineData("codex", "[mcp_servers.parley]\ncommand = \"theirs\"\n", ErrorCode.Conflict)]
    [InlineData("vscode", "{ // a comment\n}", ErrorCode.InvalidArgument)]
    [InlineData("gemini", """{"mcpServers":[]}""", ErrorCode.InvalidArgument)]
    public void What_is_somebody_else_s_or_cannot_be_read_is_left_alone(string client, string present, ErrorCode expected)
    {
        var refusal = Assert.Throws<ParleyException>(() => ClientConfig.Merge(client, present, _entry));

        Assert.Equal(expected, refusal.Code);
    }
}
