using System.Text;
using Parley.Client.Responders.Mcp;
using Parley.Protocol.Errors;

namespace Parley.Tests.Mcp;

public sealed class McpConfigTests
{
    [Fact]
    public void Programs_and_addresses_are_read_and_variables_put_in()
    {
        var servers = Read(
            """
            {
              // as other programs write it
              "mcpServers": {
                "files": { "command": "npx", "args": ["-y", "${PKG:-files}"], "env": { "KEY": "${SECRET}" } },
                "web": { "type": "http", "url": "https://x/mcp", "headers": { "Authorization": "Bearer ${SECRET}" } },
                "off": { "command": "x", "disabled": true },
              },
              "other": 1
            }
            """);

        Assert.Equal(["files", "web"], servers.Select(server => server.Name));
        Assert.Equal(("npx", "-y files", "s3cret"), (servers[0].Command, string.Join(' ', servers[0].Arguments), servers[0].Environment["KEY"]));
        Assert.Equal(("https://x/mcp", "Bearer s3cret"), (servers[1].Url?.ToString(), servers[1].Headers["Authorization"]));
        Assert.DoesNotContain("s3cret", string.Concat(servers));
    }

    [Theory]
    [InlineData("[]", "no object \"mcpServers\"")]
    [InlineData("nothing", "not JSON")]
    [InlineData("""{"mcpServers":{"a":{}}}""", "server \"a\" needs one of")]
    [InlineData("""{"mcpServers":{"a":{"command":"x","url":"http://y"}}}""", "server \"a\" needs one of")]
    [InlineData("""{"mcpServers":{"a":{"url":"ftp://y"}}}""", "address of server \"a\"")]
    [InlineData("""{"mcpServers":{"a":{"type":"sse","url":"http://y"}}}""", "transport \"sse\"")]
    [InlineData("""{"mcpServers":{"a":{"command":"${MISSING}"}}}""", "needs the variable MISSING")]
    [InlineData("""{"mcpServers":{"a":{"command":5}}}""", "wrong kind")]
    public void What_cannot_be_used_is_refused_with_the_reason(string json, string reason)
    {
        var refusal = Assert.Throws<ParleyException>(() => Read(json));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
        Assert.Contains(reason, refusal.Message);
    }

    [Fact]
    public void Names_for_models_are_within_their_rule_and_never_equal()
    {
        string[] names =
        [
            McpTools.NameOf("s", "add"), McpTools.NameOf("s", "a.b"), McpTools.NameOf("s", "a/b"), McpTools.NameOf("a__b", "c"), McpTools.NameOf("a", "b__c"),
            McpTools.NameOf("s", new string('x', 100)), McpTools.NameOf("s", new string('x', 101)),
        ];

        Assert.Equal("s__add", names[0]);
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", name));
    }

    private static IReadOnlyList<McpServerEntry> Read(string json) => McpConfig.Read(Encoding.UTF8.GetBytes(json), name => name == "SECRET" ? "s3cret" : null);
}
