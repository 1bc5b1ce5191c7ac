using Parley.EndToEndTests.Cli;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>Chats between two processes, with a hub between them that sees nothing.</summary>
public sealed class ChatProcessTests
{
    [Theory]
    [InlineData("direct")]
    [InlineData("relay")]
    public async Task Two_programs_talk_over_each_path_and_a_file_that_is_taken_arrives(string way)
    {
        await using var hub = await TwoHomes.StartAsync();
        var file = hub.HomeOf("notes.txt");
        await File.WriteAllTextAsync(file, "hello\n", TestContext.Current.CancellationToken);
        await using var bob = ParleyProgram.StartWithInput(hub.HomeOf("b"), "p2p", "chat", "--from", "agent-a", "--json", "-o", hub.HomeOf("in"));
        await bob.WaitForErrorAsync("listening");
        await using var alice = ParleyProgram.StartWithInput(hub.HomeOf("a"), "p2p", "chat", "agent-b", "--json", "--path", way);

        await alice.WriteAsync("""{"type":"message","text":"hi \u001b[31m there"}""" + "\n");
        await alice.WriteAsync($$"""{"type":"send","path":"{{file}}"}""" + "\n");
        var heard = await bob.WaitForOutputAsync("\"type\":\"offer\"");
        await bob.WriteAsync("""{"type":"take","file":2}""" + "\n");
        await bob.WriteAsync("""{"type":"message","text":"thanks"}""" + "\n");
        await alice.WaitForOutputAsync("\"direction\":\"out\"");
        await alice.WaitForOutputAsync("thanks");
        await alice.WriteAsync("""{"type":"quit"}""" + "\n");

        Assert.Equal((0, 0), (await alice.WaitForExitAsync(), await bob.WaitForExitAsync()));
        Assert.Contains($"\"path\":\"{way}\"", alice.Output, StringComparison.Ordinal);
        Assert.Contains("\"agent\":\"local.agent-a\"", heard, StringComparison.Ordinal);
        Assert.Contains("\\u001B[31m", bob.Output, StringComparison.Ordinal);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(hub.HomeOf("in"), "notes.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Both_may_ask_at_once_and_a_pipe_leaves_when_its_line_has_arrived()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.StartWithInput(hub.HomeOf("b"), "p2p", "chat", "agent-a");
        var said = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), "the build is green\n", "p2p", "chat", "agent-b", "--history", hub.HomeOf("history"));

        await bob.WaitForOutputAsync("local.agent-a: the build is green");

        Assert.Equal((0, 0), (said.ExitCode, await bob.WaitForExitAsync()));
        Assert.Contains("UNVERIFIED", said.Error, StringComparison.Ordinal);
        Assert.EndsWith("local.agent-a: the build is green\n", await File.ReadAllTextAsync(hub.HomeOf("history"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(hub.HomeOf("history")));
    }

    [Fact]
    public async Task A_program_that_was_killed_and_started_anew_goes_on_with_what_it_had_not_heard()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var alice = ParleyProgram.StartWithInput(hub.HomeOf("a"), "p2p", "chat", "agent-b", "--json");
        await using (var bob = ParleyProgram.StartWithInput(hub.HomeOf("b"), "p2p", "chat", "agent-a", "--json"))
        {
            await alice.WriteAsync("""{"type":"message","text":"one"}""" + "\n");
            await bob.WaitForOutputAsync("\"text\":\"one\"");
            await alice.WaitForOutputAsync("\"type\":\"delivered\"");
            bob.Kill();
        }

        await alice.WriteAsync("""{"type":"message","text":"two"}""" + "\n");
        await using var again = ParleyProgram.StartWithInput(hub.HomeOf("b"), "p2p", "chat", "agent-a", "--json");
        var heard = await again.WaitForOutputAsync("\"text\":\"two\"");

        Assert.DoesNotContain("\"text\":\"one\"", heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_named_is_told_and_nobody_to_ask_is_a_usage_error()
    {
        await using var hub = await TwoHomes.StartAsync();
        var unattended = await ParleyProgram.RunAsync(hub.HomeOf("b"), "p2p", "chat");
        await using var bob = ParleyProgram.StartWithInput(hub.HomeOf("b"), "p2p", "chat", "--from", "somebody-else");
        await bob.WaitForErrorAsync("listening");

        var refused = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), "hi\n", "p2p", "chat", "agent-b");

        Assert.Equal((2, 3), (unattended.ExitCode, refused.ExitCode));
        Assert.Contains("does not want to chat", refused.Error, StringComparison.Ordinal);
        Assert.Empty(bob.Output);
    }

    [Fact]
    public async Task A_listener_says_what_to_type_when_somebody_wants_to_chat()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen");
        await bob.WaitForErrorAsync("listening as");

        var outcome = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), "hi\n", "p2p", "chat", "agent-b", "--timeout", "20s");

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("parley p2p chat local.agent-a", await bob.WaitForErrorAsync("wants to chat"), StringComparison.Ordinal);
    }
}
