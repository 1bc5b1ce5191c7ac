using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary>What a person sees on a real terminal: <c>script</c> gives the program one.</summary>
public sealed class PersonAtTerminalTests
{
    private const string CtrlC = "\u0003";

    [Fact]
    public async Task Ctrl_C_asks_before_it_stops_the_remote_command()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub);
        await using var send = Send(hub, "echo begun; sleep 600");

        await send.WaitForOutputAsync("begun");
        await send.WriteAsync(CtrlC);
        await Deadline.UntilAsync(() => send.Output.Contains("Stop it there", StringComparison.Ordinal), "the question");
        await send.WriteAsync("y\n");
        await listener.WaitForErrorAsync("canceled");

        Assert.NotEqual(0, await send.WaitForExitAsync());
    }

    [Fact]
    public async Task A_second_Ctrl_C_leaves_and_the_command_goes_on()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub);
        await using var send = Send(hub, "echo begun; sleep 30");
        var outcome = send.WaitForOutputAsync("parley a2a result ");

        await send.WaitForOutputAsync("begun");
        await send.WriteAsync(CtrlC);
        await Deadline.UntilAsync(() => send.Output.Contains("Stop it there", StringComparison.Ordinal), "the question");
        await send.WriteAsync(CtrlC);
        var id = (await outcome).Split("result ")[1].Split(' ')[0];
        Assert.Equal(130, await send.WaitForExitAsync());
        Assert.DoesNotContain("canceled", listener.Error, StringComparison.Ordinal);
        Assert.NotEmpty(id);
    }

    [Fact]
    public async Task A_large_file_shows_a_bar_on_a_terminal_and_nothing_in_a_pipe()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub);
        var file = hub.HomeOf("large.bin");
        await File.WriteAllBytesAsync(file, new byte[12 << 20]);

        await using var send = Send(hub, null, "--file", file);
        Assert.Equal(0, await send.WaitForExitAsync());
        await using var quiet = Send(hub, null, "--no-progress", "--file", file);
        Assert.Equal(0, await quiet.WaitForExitAsync());
        var piped = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "--file", file);

        Assert.Contains("sending 12 MiB", send.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sending", quiet.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sending", piped.Error, StringComparison.Ordinal);
    }

    private static RealProcess Send(HubProcess hub, string? message, params string[] options)
    {
        var script = Requires.Program("script");
        var program = ParleyProgram.FullPath;
        var words = new[] { program, "a2a", "send", "agent-b" }.Concat(message is null ? [] : [message]).Concat(options);
        var line = string.Join(' ', words.Select(word => $"'{word}'"));
        return RealProcess.Start(script, ["-qefc", line, "/dev/null"], new Dictionary<string, string?> { ["PARLEY_HOME"] = hub.HomeOf("a"), ["TERM"] = "xterm" }, keepInput: true);
    }

    private static async Task<HubProcess> StartAsync()
    {
        var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "agent-a");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "agent-b");
        return hub;
    }

    private static async Task<RealProcess> ListenAsync(HubProcess hub)
    {
        var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "/bin/sh", "--exec-timeout", "10m");
        await listener.WaitForErrorAsync("listening");
        return listener;
    }
}
