using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.PeerToPeer;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary><c>parley a2a reply</c>: a person answers what the listener showed, once.</summary>
public sealed class PersonAnswersTests
{
    [Fact]
    public async Task The_first_answer_of_a_person_stands_and_a_second_is_a_conflict()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen");
        await listener.WaitForErrorAsync("listening");
        var id = await AskAsync(hub, "may I?");
        await listener.WaitForOutputAsync("may I?");

        var first = await ReplyAsync(hub, id, "yes, go ahead");
        var second = await ReplyAsync(hub, id, "no");
        var result = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "result", id, "--follow");

        Assert.Equal((0, 6), (first.ExitCode, second.ExitCode));
        Assert.Contains("answered already", second.Error, StringComparison.Ordinal);
        Assert.Equal("yes, go ahead", result.Output.TrimEnd());
    }

    [Fact]
    public async Task What_a_responder_answered_is_not_answered_again_by_a_person()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "cat");
        await listener.WaitForErrorAsync("listening");
        var id = await AskAsync(hub, "one");
        var result = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "result", id, "--follow");

        var reply = await ReplyAsync(hub, id, "two");

        Assert.Equal("one", result.Output);
        Assert.Equal(6, reply.ExitCode);
    }

    [Fact]
    public async Task An_id_that_was_never_shown_here_is_unknown_and_makes_no_file()
    {
        await using var hub = await TwoHomes.StartAsync();

        var reply = await ReplyAsync(hub, "nobody-asked", "yes");

        Assert.Equal(4, reply.ExitCode);
        Assert.False(File.Exists(Path.Combine(hub.HomeOf("b"), "journal.db")));
    }

    private static async Task<string> AskAsync(HubProcess hub, string text)
    {
        var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", text, "--no-wait", "--json");
        using var json = JsonDocument.Parse(sent.Output);
        return json.RootElement.GetProperty("id").GetString()!;
    }

    private static Task<ProcessOutcome> ReplyAsync(HubProcess hub, string id, string text) => ParleyProgram.RunAsync(hub.HomeOf("b"), "a2a", "reply", id, text);
}
