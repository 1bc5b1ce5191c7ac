using System.Text;
using System.Text.Json;
using Parley.Cli.Mcp;
using Parley.Protocol.Errors;

namespace Parley.Tests.Mcp;

public sealed class ClientHooksTests
{
    private static readonly ClientEntry _entry = new("/opt/my tools/parley", ["--home", "/h", "mcp"]);

    [Theory]
    [InlineData("claude", "SessionStart,UserPromptSubmit,PostToolUse,Stop", 10)]
    [InlineData("gemini", "SessionStart,BeforeAgent,AfterTool", 10_000)]
    public void Each_client_gets_its_events_and_a_command_that_a_shell_reads(string client, string events, int timeout)
    {
        using var json = JsonDocument.Parse(ClientHooks.Merge([], ClientHooks.Of(client, _entry)));

        var hooks = json.RootElement.GetProperty("hooks");
        Assert.Equal(events.Split(','), hooks.EnumerateObject().Select(one => one.Name));
        Assert.All(hooks.EnumerateObject(), one =>
        {
            var hook = one.Value[0].GetProperty("hooks")[0];
            Assert.Equal(("command", "'/opt/my tools/parley' --home /h mcp --mail-hook", timeout), (hook.GetProperty("type").GetString(), hook.GetProperty("command").GetString(), hook.GetProperty("timeout").GetInt32()));
        });
    }

    [Fact]
    public void What_is_there_stays_and_a_second_time_changes_nothing()
    {
        var present = "{\n  // mine\n  \"hooks\": { \"Stop\": [ {\"hooks\":[{\"type\":\"command\",\"command\":\"say done\"}]} ] },\n  \"model\": \"x\"\n}\n"u8.ToArray();
        var entries = ClientHooks.Of("claude", _entry);

        var once = ClientHooks.Merge(present, entries);
        var twice = ClientHooks.Merge(once, entries);

        var text = Encoding.UTF8.GetString(once);
        Assert.Contains("// mine", text, StringComparison.Ordinal);
        Assert.Contains("say done", text, StringComparison.Ordinal);
        Assert.Equal(4, text.Split("--mail-hook").Length - 1);
        Assert.Equal(once, twice);
    }

    [Fact]
    public void Hooks_of_another_home_are_left_alone()
    {
        var others = ClientHooks.Merge([], ClientHooks.Of("claude", new ClientEntry("/opt/parley", ["--home", "/other", "mcp"])));

        var refusal = Assert.Throws<ParleyException>(() => ClientHooks.Merge(others, ClientHooks.Of("claude", _entry)));

        Assert.Equal(ErrorCode.Conflict, refusal.Code);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"hooks\":[]}")]
    [InlineData("nothing")]
    public void A_file_that_is_something_else_is_refused(string present) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => ClientHooks.Merge(Encoding.UTF8.GetBytes(present), ClientHooks.Of("claude", _entry))).Code);
}
