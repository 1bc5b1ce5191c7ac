using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.PeerToPeer;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary><c>a2a send -l</c> tells of each target what <c>a2a send</c> tells of one.</summary>
public sealed class FanOutTests
{
    [Fact]
    public async Task Standard_error_of_a_command_that_failed_is_shown_under_the_targets_name()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", "/bin/sh");

        var sent = await SendAsync(hub, "echo half done; echo gone wrong >&2; exit 2");

        Assert.Equal("local.agent-c [exit 2]: half done\n", sent.Output);
        Assert.Contains("local.agent-c: gone wrong\n", sent.Error, StringComparison.Ordinal);
        Assert.Contains("0 of 1", sent.Error, StringComparison.Ordinal);
        Assert.Equal(1, sent.ExitCode);
    }

    [Fact]
    public async Task A_refusal_names_its_reason_and_who_can_mend_it()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", "/bin/sh", "--exec-timeout", "1s");

        var sent = await SendAsync(hub, "sleep 60");

        Assert.Empty(sent.Output);
        Assert.Matches("parley: local\\.agent-c: .+ \\(the receiver's owner: listen --exec-timeout\\)\n", sent.Error);
        Assert.Equal(1, sent.ExitCode);
    }

    [Fact]
    public async Task Files_of_the_answers_are_saved_in_a_folder_for_each_target_or_mentioned()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", """printf '{"type":"artifact","name":"note.txt","text":"a file"}\n'""", "--protocol", "events");

        var told = await SendAsync(hub, "the note?");
        var saved = await SendAsync(hub, "the note?", "--save", hub.HomeOf("saved"));

        Assert.Contains("local.agent-c: 1 files came with the answer: give --save DIR", told.Error, StringComparison.Ordinal);
        Assert.Contains("local.agent-c: saved note.txt", saved.Error, StringComparison.Ordinal);
        Assert.Equal("a file", await File.ReadAllTextAsync(Path.Combine(hub.HomeOf("saved"), "local.agent-c", "note.txt"), TestContext.Current.CancellationToken));
    }

    private static async Task<HubProcess> StartAsync()
    {
        var hub = await TwoHomes.StartAsync();
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("c"), await hub.MakeJoinStringAsync(), "join", "-", "--name", "agent-c", "--labels", "site=berlin");
        return hub;
    }

    private static async Task<RealProcess> ListenAsync(HubProcess hub, params string[] options)
    {
        var listener = ParleyProgram.Start(hub.HomeOf("c"), ["a2a", "listen", .. options]);
        await listener.WaitForErrorAsync("listening");
        return listener;
    }

    private static Task<ProcessOutcome> SendAsync(HubProcess hub, string message, params string[] options) =>
        ParleyProgram.RunAsync(hub.HomeOf("a"), ["a2a", "send", "-l", "site=berlin", message, .. options]);
}
