using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>A chat as a person sees it on a real terminal, which <c>script</c> gives the program; a program is at the other end.</summary>
public sealed class ChatTerminalTests
{
    private const string CtrlC = "\u0003";
    private const string CtrlW = "\u0017";
    private const string Backspace = "\u007f";
    private const string Clear = "\r\u001b[K";

    [Fact]
    public async Task A_person_types_while_words_arrive_and_sees_nothing_that_steers_the_screen()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.StartWithInput(hub.HomeOf("b"), "p2p", "chat", "--from", "agent-a", "--json");
        await bob.WaitForErrorAsync("listening");
        await using var alice = StartAtTerminal(hub, columns: 70, "p2p", "chat", "agent-b", "--path", "webrtc");
        await UntilShownAsync(alice, "direct UDP");
        await UntilAsync(alice, static screen => Line(screen) == "> ");

        await alice.WriteAsync("wrong" + CtrlW + "helloo" + Backspace + " there\r");
        await bob.WaitForOutputAsync("\"text\":\"hello there\"");
        await UntilShownAsync(alice, "you: hello there\r\n");
        await alice.WriteAsync("a draft");
        await bob.WaitForOutputAsync("\"type\":\"typing\"");
        await bob.WriteAsync("""{"type":"message","text":"\u001b[31mred\r\nlocal.agent-a: \u202eforged"}""" + "\n");
        await UntilShownAsync(alice, "local.agent-b: \\x1b[31mred local.agent-a: \\u{202e}forged\r\n");
        await UntilAsync(alice, static screen => Line(screen) == "> a draft");
        await bob.WriteAsync("""{"type":"typing","on":true}""" + "\n");
        await UntilAsync(alice, static screen => Line(screen) == "local.agent-b is typing > a draft");
        await ResizeAsync(hub, columns: 30);
        await UntilAsync(alice, static screen => Line(screen) == "> a draft");
        await alice.WriteAsync(" that is longer than the screen");
        await UntilAsync(alice, static screen => Line(screen).EndsWith("the screen", StringComparison.Ordinal));
        var longest = Line(alice.Output);
        await alice.WriteAsync("\r");
        await bob.WaitForOutputAsync("\"text\":\"a draft that is longer than the screen\"");
        await alice.WriteAsync(CtrlC);

        Assert.Equal((0, 0), (await alice.WaitForExitAsync(), await bob.WaitForExitAsync()));
        Assert.InRange(longest.Length, 20, 29);
        Assert.DoesNotContain("\u001b[31m", alice.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", alice.Output, StringComparison.Ordinal);
        Assert.Contains("UNVERIFIED", alice.Output, StringComparison.Ordinal);
    }

    /// <summary>What stands in the lowest line.</summary>
    private static string Line(string screen) => screen[(screen.LastIndexOf(Clear, StringComparison.Ordinal) is var at and >= 0 ? at + Clear.Length : 0)..];

    private static Task UntilShownAsync(RealProcess program, string text) => UntilAsync(program, screen => screen.Contains(text, StringComparison.Ordinal));

    private static Task UntilAsync(RealProcess program, Func<string, bool> holds) => Deadline.UntilAsync(() => holds(program.Output), () => $"the screen; it shows {program.Output.Replace("\u001b", "ESC", StringComparison.Ordinal)}");

    private static async Task ResizeAsync(HubProcess hub, int columns)
    {
        var device = (await File.ReadAllTextAsync(hub.HomeOf("tty"), TestContext.Current.CancellationToken)).Trim();
        Assert.Equal(0, (await RealProcess.RunAsync("stty", ["-F", device, "cols", $"{columns}"])).ExitCode);
    }

    private static RealProcess StartAtTerminal(HubProcess hub, int columns, params string[] arguments)
    {
        var words = string.Join(' ', arguments.Prepend(ParleyProgram.FullPath).Select(static word => $"'{word}'"));
        var line = $"tty > '{hub.HomeOf("tty")}'; stty cols {columns} rows 20; exec {words}";
        return RealProcess.Start(
            Requires.Program("script"),
            ["-qefc", line, "/dev/null"],
            new Dictionary<string, string?> { ["PARLEY_HOME"] = hub.HomeOf("a"), ["TERM"] = "xterm", ["PARLEY_LOG"] = null, ["SHELL"] = "/bin/sh" },
            keepInput: true);
    }
}
