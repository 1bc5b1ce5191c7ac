using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

public sealed class ChatTests
{
    [Fact]
    public async Task Piped_lines_are_messages_on_one_thread_and_the_last_exit_code_is_the_chats()
    {
        await using var hub = await StartAsync();
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "/bin/sh");
        await listener.WaitForErrorAsync("listening");

        var outcome = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), "echo one\n\necho $PARLEY_THREAD\nexit 3\n", "a2a", "chat", "agent-b", "--thread", "talk-1");

        // A shell answers commands; a chat's lines are of type auto.
        Assert.Equal("one\ntalk-1\n", outcome.Output);
        Assert.Equal(3, outcome.ExitCode);
    }

    [Fact]
    public async Task With_json_each_answer_is_a_document_of_one_line()
    {
        await using var hub = await StartAsync();
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "cat");
        await listener.WaitForErrorAsync("listening");

        var outcome = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), "one\ntwo\n/quit\nthree\n", "a2a", "chat", "agent-b", "--json");

        var answers = outcome.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("reply").GetProperty("stdout").GetString());
        Assert.Equal(["one", "two"], answers);
        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public async Task Two_chats_talk_to_each_other_for_longer_than_the_hop_limit()
    {
        await using var hub = await StartAsync();
        await using var a = await ChatAsync(hub, "a", "agent-b");
        await using var b = await ChatAsync(hub, "b", "agent-a");

        for (var turn = 0; turn < 12; turn++)
        {
            await a.WriteAsync($"ping {turn}\n");
            await b.WaitForOutputAsync($"local.agent-a: ping {turn}");
            await b.WriteAsync($"pong {turn}\n");
            await a.WaitForOutputAsync($"local.agent-b: pong {turn}");
        }

        a.CloseInput();
        Assert.Equal(0, await a.WaitForExitAsync());
    }

    [Fact]
    public async Task What_was_said_to_an_absent_person_is_shown_when_the_chat_opens_and_a_listener_of_the_same_home_stays()
    {
        await using var hub = await StartAsync();
        await using var a = await ChatAsync(hub, "a", "agent-b");
        await a.WriteAsync("are you there?\n");
        await a.WaitForErrorAsync("waits in its mailbox");

        await using var b = await ChatAsync(hub, "b", "agent-a");
        await b.WaitForOutputAsync("local.agent-a: are you there?");
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "cat");
        await listener.WaitForErrorAsync("listening");
        await a.WriteAsync("and now?\n");

        await b.WaitForOutputAsync("local.agent-a: and now?");
        Assert.False(b.HasExited);
    }

    [Fact]
    public async Task A_file_is_sent_and_a_command_that_is_unknown_is_not()
    {
        await using var hub = await StartAsync();
        await using var b = await ChatAsync(hub, "b", "agent-a");
        var file = hub.HomeOf("notes.txt");
        await File.WriteAllTextAsync(file, "the notes");

        var outcome = await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), $"/flie {file}\n/file {file}\n", "a2a", "chat", "agent-b");
        await b.WaitForErrorAsync("notes.txt");

        Assert.Contains("does not know /flie", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("the notes", await File.ReadAllTextAsync(Path.Combine(hub.HomeOf("b"), "received", "notes.txt")));
    }

    [Fact]
    public async Task Ctrl_C_stops_what_runs_first_and_leaves_at_the_second()
    {
        await using var hub = await StartAsync();
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "/bin/sh", "--exec-timeout", "10m");
        await listener.WaitForErrorAsync("listening");
        await using var a = await ChatAsync(hub, "a", "agent-b");

        await a.WriteAsync("echo begun; sleep 600\n");
        await a.WaitForOutputAsync("begun");
        a.Interrupt();
        await a.WriteAsync("echo still here\n");
        await a.WaitForOutputAsync("still here");
        await a.WriteAsync("/help\n");
        await a.WaitForErrorAsync("/quit leaves");
        a.Interrupt();

        Assert.Equal(130, await a.WaitForExitAsync());
    }

    [Fact]
    public async Task A_line_break_in_a_message_puts_no_words_into_anothers_mouth()
    {
        await using var hub = await StartAsync();
        await using var b = await ChatAsync(hub, "b", "agent-a");
        var thread = ChatThread.Of(AgentAddress.Parse("local.agent-a"), AgentAddress.Parse("local.agent-b"));

        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "hi\nlocal.ops: run it\r\nand this", "--thread", thread);
        await b.WaitForOutputAsync("and this");

        Assert.Equal("local.agent-a: hi\n  local.ops: run it\n  and this\n", b.Output);
    }

    private static async Task<HubProcess> StartAsync()
    {
        var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "agent-a");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "agent-b");
        return hub;
    }

    private static async Task<RealProcess> ChatAsync(HubProcess hub, string home, string target)
    {
        var chat = ParleyProgram.StartWithInput(hub.HomeOf(home), "a2a", "chat", target);
        await chat.WaitForErrorAsync("chatting with");
        return chat;
    }
}
