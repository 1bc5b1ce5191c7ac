using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Responders.Mcp;
using Parley.Client.Responders.Tools;
using Parley.EndToEndTests.Grpc;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using static Parley.EndToEndTests.Responders.Answering;

namespace Parley.EndToEndTests.Responders;

/// <summary>Servers by the protocol's own SDK, over both transports.</summary>
[Collection(nameof(RealProcesses))]
public sealed class McpToolsTests
{
    private static readonly string[] _names = ["s__add", "s__crash", "s__fail", "s__grow", "s__slow", "s__variable"];

    [Fact]
    public async Task A_program_s_tools_are_listed_over_all_pages_and_called()
    {
        await using var tools = await StdioAsync();

        var names = (await ListAsync(tools)).Select(tool => tool.Name).Order();
        var sum = await CallAsync(tools, "s__add", """{"a":2,"b":3}""");
        var failed = await CallAsync(tools, "s__fail", "{}");

        Assert.Equal(_names, names);
        Assert.Equal(new ToolOutcome("5", false, "the MCP server s"), sum);
        Assert.Equal(("no luck", true), (failed.Text, failed.IsError));
    }

    [Fact]
    public async Task A_program_gets_its_own_variables_and_none_of_ours()
    {
        Environment.SetEnvironmentVariable("PARLEY_TEST_SECRET", "leak");
        await using var tools = await StdioAsync();
        await ListAsync(tools);

        var own = await CallAsync(tools, "s__variable", """{"name":"MINE"}""");
        var leaked = await CallAsync(tools, "s__variable", """{"name":"PARLEY_TEST_SECRET"}""");

        Assert.Equal(("yes", "unset"), (own.Text, leaked.Text));
    }

    [Fact]
    public async Task A_program_that_crashed_is_started_again()
    {
        await using var tools = await StdioAsync();
        await ListAsync(tools);

        var crashed = await Assert.ThrowsAsync<ParleyException>(() => CallAsync(tools, "s__crash", "{}"));
        var sum = await CallAsync(tools, "s__add", """{"a":1,"b":1}""");

        Assert.Equal("The MCP server has ended.", crashed.Message);
        Assert.Equal("2", sum.Text);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_does_not_hold_up_the_next()
    {
        await using var tools = await StdioAsync();
        await ListAsync(tools);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tools.CallAsync("s__slow", Json("{}"), Request("x"), patience.Token));
        var sum = await CallAsync(tools, "s__add", """{"a":1,"b":1}""");

        Assert.Equal("2", sum.Text);
    }

    [Fact]
    public async Task A_tool_that_comes_later_is_on_offer_when_the_server_says_so()
    {
        await using var tools = await StdioAsync();
        await ListAsync(tools);

        await CallAsync(tools, "s__grow", "{}");
        var names = (await ListAsync(tools)).Select(tool => tool.Name);

        Assert.Contains("s__grown", names);
    }

    [Fact]
    public async Task Nothing_outlives_the_listener()
    {
        var tools = await StdioAsync();
        await ListAsync(tools);
        var children = Children();

        await tools.DisposeAsync();

        Assert.NotEmpty(children);
        Assert.DoesNotContain(children, IsAlive);
    }

    [Fact]
    public async Task Only_allowed_tools_are_on_offer()
    {
        await using var tools = await StdioAsync((server, tool) => (server, tool) == ("s", "add"));

        Assert.Equal("s__add", (await ListAsync(tools)).Single().Name);
    }

    [Fact]
    public async Task A_program_that_is_no_server_has_no_tools_and_is_not_started_for_every_message()
    {
        using var folder = new TempFolder();
        await using var tools = Of(new McpServerEntry("bad") { Command = "/bin/sh", Arguments = ["-c", $"echo started >> {folder.PathOf("starts")}; echo hello"] });

        var first = await ListAsync(tools);
        var second = await ListAsync(tools);

        Assert.Equal((0, 0, "started\n"), (first.Count, second.Count, await File.ReadAllTextAsync(folder.PathOf("starts"), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Streamable_HTTP_has_the_same_tools_and_a_forgotten_session_begins_anew()
    {
        using var server = await NodeFolder.StartAsync("mcp-server.mjs", TestContext.Current.CancellationToken, "http");
        try
        {
            var url = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            await using var tools = Of(new McpServerEntry("s") { Url = new Uri(url!), Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer test" } });
            var names = (await ListAsync(tools)).Select(tool => tool.Name).Order();
            var sum = await CallAsync(tools, "s__add", """{"a":2,"b":3}""");
            await server.StandardInput.WriteLineAsync("forget");
            await Deadline.UntilAsync(() => IsForgottenAsync(tools), "the server to forget its sessions");

            var again = await CallAsync(tools, "s__add", """{"a":2,"b":2}""");

            Assert.Equal(_names, names);
            Assert.Equal(("5", "4"), (sum.Text, again.Text));
        }
        finally
        {
            server.Kill();
        }
    }

    [Fact]
    public async Task A_server_that_wants_other_credentials_has_no_tools()
    {
        using var server = await NodeFolder.StartAsync("mcp-server.mjs", TestContext.Current.CancellationToken, "http");
        try
        {
            var url = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            await using var tools = Of(new McpServerEntry("s") { Url = new Uri(url!) });

            Assert.Empty(await ListAsync(tools));
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task<bool> IsForgottenAsync(McpTools tools)
    {
        try
        {
            await CallAsync(tools, "s__add", """{"a":0,"b":0}""");
            return false;
        }
        catch (ParleyException exception)
        {
            return exception.Message.Contains("begun anew", StringComparison.Ordinal);
        }
    }

    private static async Task<McpTools> StdioAsync(Func<string, string, bool>? isAllowed = null)
    {
        var script = await NodeFolder.PathOfAsync("mcp-server.mjs", TestContext.Current.CancellationToken);
        return Of(new McpServerEntry("s") { Command = "node", Arguments = [script, "stdio"], Environment = new Dictionary<string, string> { ["MINE"] = "yes" } }, isAllowed);
    }

    private static McpTools Of(McpServerEntry entry, Func<string, string, bool>? isAllowed = null) =>
        McpTools.Of([entry], isAllowed ?? ((_, _) => true), new McpOptions("1.0"), TimeProvider.System, RandomNumberGenerator.Fill, NullLogger<McpTools>.Instance);

    private static async Task<IReadOnlyList<ModelTool>> ListAsync(McpTools tools) => await tools.ListAsync(TestContext.Current.CancellationToken);

    private static Task<ToolOutcome> CallAsync(McpTools tools, string name, string arguments) =>
        tools.CallAsync(name, Json(arguments), Request("x", MessageType.Text), TestContext.Current.CancellationToken);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static List<int> Children() =>
        [.. Process.GetProcessesByName("node").Select(process => process.Id).Where(id => ReadProcess(id, "cmdline")?.Contains("mcp-server.mjs", StringComparison.Ordinal) == true && IsChild(id))];

    private static bool IsChild(int id) => ReadProcess(id, "stat")?.Split(") ")[1].Split(' ')[1] == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
