using System.Text.Json;
using Parley.EndToEndTests.A2a;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Testing;

namespace Parley.EndToEndTests.Security;

/// <summary>Text of others on a real terminal: whatever would steer it is shown instead of obeyed.</summary>
public sealed class TerminalTextTests
{
    /// <summary>Colour, title, clipboard (OSC 52), cursor, carriage return, backspace, bell, a C1 sequence, a right-to-left override.</summary>
    private const string Evil = "\u001b[31mred\u001b]0;title\u0007\u001b]52;c;ZXZpbA==\u0007\u001b[2J\rover\b\u009b31mc1\u202egnp.exe\n";

    private const string Forbidden = "\u001b\u0007\b\u009b\u202e";

    /// <summary>What the .NET runtime itself sends to a terminal that it opens: keypad mode.</summary>
    private const string RuntimeGreeting = "\u001b[?1h\u001b=";

    [Fact]
    public async Task What_a_reply_says_is_shown_by_send()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub);

        var shown = await OnTerminalAsync(hub, "a", "a2a send b go");

        AssertHarmless(shown);
        Assert.Contains(@"\x1b[31mred", shown, StringComparison.Ordinal);
        Assert.Contains(@"\x1b]52;c;ZXZpbA==\x07", shown, StringComparison.Ordinal);
        Assert.Contains(@"\x0dover\x08\x9b31mc1\u{202e}gnp.exe", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_reply_says_goes_into_a_pipe_byte_for_byte_and_into_json_escaped()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub);

        var piped = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "b", "go");
        var json = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "b", "go", "--json");
        var jsonOnTerminal = await OnTerminalAsync(hub, "a", "a2a send b go --json");

        Assert.Equal(Evil, piped.Output);
        Assert.Empty(json.Output.Intersect(Forbidden));
        Assert.Equal(Evil, JsonDocument.Parse(json.Output).RootElement.GetProperty("reply").GetProperty("stdout").GetString());
        AssertHarmless(jsonOnTerminal);
        Assert.Equal(Evil, JsonDocument.Parse(jsonOnTerminal).RootElement.GetProperty("reply").GetProperty("stdout").GetString());
    }

    [Theory]
    [InlineData("a2a listen --once")]
    [InlineData("a2a listen --once --json")]
    public async Task What_a_message_says_is_shown_by_listen(string command)
    {
        await using var hub = await StartAsync();
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), Evil, "a2a", "send", "b", "-", "--type", "text", "--no-wait");

        var shown = await OnTerminalAsync(hub, "b", command);

        AssertHarmless(shown);
        Assert.Contains("gnp.exe", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_message_says_is_escaped_in_the_json_of_a_chat()
    {
        await using var hub = await StartAsync();
        await using var chat = ParleyProgram.StartWithInput(hub.HomeOf("b"), "a2a", "chat", "a", "--json");
        await chat.WaitForErrorAsync("chatting with");
        var thread = ChatThread.Of(AgentAddress.Parse("local.a"), AgentAddress.Parse("local.b"));

        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), Evil, "a2a", "send", "b", "-", "--thread", thread);
        await chat.WaitForOutputAsync("gnp.exe");

        Assert.Empty(chat.Output.Intersect(Forbidden));
        Assert.Equal(Evil, JsonDocument.Parse(chat.Output).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_files_evil_name_is_shown_by_listen_and_made_plain_on_the_disk()
    {
        await using var hub = await StartAsync();
        var file = hub.HomeOf("\u001b]0;x\u0007\u202egnp.sh");
        await File.WriteAllTextAsync(file, "x");
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "b", "--file", file, "--no-wait");

        var shown = await OnTerminalAsync(hub, "b", "a2a listen --once");

        AssertHarmless(shown);
        Assert.Contains("saved", shown, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(Path.Combine(hub.HomeOf("b"), "received")), path => Assert.Empty(Path.GetFileName(path).Intersect(Forbidden)));
    }

    [Fact]
    public async Task What_is_waiting_and_who_is_there_is_shown_without_harm()
    {
        await using var hub = await StartAsync();
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), Evil, "a2a", "send", "b", "-", "--type", "text", "--no-wait", "--meta", "k=\u001b[31m");
        var labelled = await ParleyProgram.RunWithInputAsync(hub.HomeOf("c"), await hub.MakeJoinStringAsync(), "join", "-", "--name", "c", "--labels", "role=\u001b[31mred\u202e");

        var inbox = await OnTerminalAsync(hub, "b", "a2a inbox");
        var agents = await OnTerminalAsync(hub, "b", "agents");

        AssertHarmless(inbox);
        AssertHarmless(agents);
        Assert.Contains("local.a", inbox, StringComparison.Ordinal);
        Assert.Contains("local.b", agents, StringComparison.Ordinal);
        Assert.NotEqual(0, labelled.ExitCode);
        Assert.Empty(labelled.Error.Intersect(Forbidden));
    }

    private static void AssertHarmless(string shown)
    {
        Assert.Empty(shown.Intersect(Forbidden));
        // The terminal's own line discipline writes CR LF; a CR anywhere else would come from the text.
        Assert.DoesNotContain("\r", shown.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    /// <summary>Runs a command on a pseudo terminal.</summary>
    /// <returns>Every byte that the terminal got.</returns>
    private static async Task<string> OnTerminalAsync(HubProcess hub, string home, string command)
    {
        var script = Requires.Program("script");
        var environment = new Dictionary<string, string?> { ["PARLEY_HOME"] = hub.HomeOf(home), ["TERM"] = "xterm", ["NO_COLOR"] = "1", ["PARLEY_LOG"] = null };
        var outcome = await RealProcess.RunAsync(script, ["-qec", $"'{ParleyProgram.FullPath}' {command}", "/dev/null"], environment: environment);
        return outcome.Output.Replace(RuntimeGreeting, string.Empty, StringComparison.Ordinal);
    }

    private static async Task<HubProcess> StartAsync()
    {
        var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("a");
        await agents.EnrolAsync("b");
        return hub;
    }

    private static async Task<RealProcess> ListenAsync(HubProcess hub)
    {
        var text = hub.HomeOf("evil");
        await File.WriteAllTextAsync(text, Evil);
        var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", $"cat {text}");
        await listener.WaitForErrorAsync("listening");
        return listener;
    }
}
