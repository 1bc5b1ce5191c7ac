using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.RoomClient;

/// <summary><c>parley room</c> in two terminals, against a real hub.</summary>
public sealed class RoomCommandTests
{
    [Fact]
    public async Task Two_terminals_talk_with_what_create_printed()
    {
        await using var site = await RoomSite.StartAsync("--tls", "self");
        var created = await site.RoomAsync("a", "create", "--pin", site.Hub.ReadFile("pin").GetString()!);
        var line = Regex.Match(created.Output, "^  parley (room join .*)$", RegexOptions.Multiline).Groups[1].Value.Split(' ');
        Assert.Contains("curl -s -k --pinnedpubkey sha256//", created.Output);

        var joined = await ParleyProgram.RunAsync(site.PathOf("b"), line);
        var sent = await site.RoomWithInputAsync("a", "two\nlines 'and' \"$HOME\" ünï\n", "send", "--over");
        var read = await site.RoomAsync("b", "loop");
        var answered = site.StartRoom("b", "loop", "fine [OVER]");
        var heard = await site.RoomAsync("a", "loop", "--json");

        Assert.Equal((0, "joiner (2/2 connected)\n"), (joined.ExitCode, joined.Output));
        Assert.Equal("DELIVERED\n", sent.Output);
        Assert.Matches("^MESSAGE_RECEIVED\n┌─ Agent-[a-f0-9]{4} \\[OVER\\]\n│\n│ two\n│ lines 'and' \"\\$HOME\" ünï\n└────\n$", read.Output);
        using var json = JsonDocument.Parse(heard.Output);
        Assert.Equal(("message", "over", "fine"), (Text(json, "kind"), Text(json, "turn"), Text(json, "text")));
        answered.Interrupt();
        Assert.Equal(130, await answered.WaitForExitAsync());
    }

    [Fact]
    public async Task A_hub_with_another_key_than_the_pinned_one_is_not_talked_to()
    {
        await using var site = await RoomSite.StartAsync("--tls", "self");

        var wrong = await site.RoomAsync("a", "create", "--pin", new string('A', 43));
        var none = await site.RoomAsync("a", "create");

        Assert.Equal(7, wrong.ExitCode);
        Assert.Equal(5, none.ExitCode);
    }

    [Fact]
    public async Task A_person_speaks_from_a_seat_and_a_room_is_left()
    {
        await using var site = await RoomSite.StartAsync();
        await PairAsync(site);

        await site.RoomAsync("a", "say", "--human", "true");
        var read = await site.RoomAsync("b", "wait", "--json");
        var ping = await site.RoomAsync("b", "ping", "--json");
        var left = await site.RoomAsync("a", "leave");
        var told = await site.RoomAsync("b", "loop", "--json");
        await site.RoomAsync("b", "loop");
        var over = await site.RoomAsync("b", "loop");

        using var said = JsonDocument.Parse(read.Output);
        Assert.Equal(("HUMAN", true, "true"), (Text(said, "from"), said.RootElement.GetProperty("human").GetBoolean(), Text(said, "text")));
        Assert.Matches("""^\{"roomAlive":true,"partnerConnected":true,"partnerLastSeenMs":\d+\}\n$""", ping.Output);
        Assert.Equal("LEFT\n", left.Output);
        using var notice = JsonDocument.Parse(told.Output);
        Assert.Equal(("host_closed", true), (Text(notice, "notice"), notice.RootElement.GetProperty("closed").GetBoolean()));
        Assert.Equal((4, string.Empty), (over.ExitCode, over.Output));
        Assert.Equal(4, (await site.RoomAsync("a", "ping")).ExitCode);
    }

    [Fact]
    public async Task A_listener_is_called_and_several_sessions_live_in_one_home()
    {
        await using var site = await RoomSite.StartAsync();
        var first = JsonDocument.Parse((await site.RoomAsync("a", "listen", "--json")).Output);
        var second = JsonDocument.Parse((await site.RoomAsync("a", "listen", "--headless", "false", "--session", "second", "--json")).Output);

        var called = await site.RoomWithInputAsync("a", Text(second, "code") + "\n", "join", "-", "--json");
        var ambiguous = await site.RoomAsync("a", "send", "x");
        await site.RoomAsync("a", "send", "for the second", "--session", "host");
        var read = await site.RoomAsync("a", "loop", "--session", "second");
        var taken = await site.RoomAsync("a", "listen", "--session", "second");

        Assert.Equal((true, false), (first.RootElement.GetProperty("headless").GetBoolean(), second.RootElement.GetProperty("headless").GetBoolean()));
        using var seat = JsonDocument.Parse(called.Output);
        Assert.Equal(("host", "host"), (Text(seat, "session"), Text(seat, "role")));
        Assert.Equal(2, ambiguous.ExitCode);
        Assert.Contains("--session host or listener or second", ambiguous.Error);
        Assert.Contains("│ for the second\n", read.Output);
        Assert.Equal(6, taken.ExitCode);
    }

    [Fact]
    public async Task A_lost_joiner_is_replaced_by_a_fresh_invite()
    {
        await using var site = await RoomSite.StartAsync();
        await PairAsync(site);
        await site.RoomAsync("b", "leave");

        var again = JsonDocument.Parse((await site.RoomAsync("a", "create", "--again", "--json")).Output);
        var joined = await site.RoomAsync("c", "join", Text(again, "code"));

        Assert.Equal(0, joined.ExitCode);
        Assert.Equal("DELIVERED\n", (await site.RoomAsync("a", "send", "hello newcomer")).Output);
    }

    [Fact]
    public async Task Wrong_inputs_are_told_with_their_exit_codes()
    {
        await using var site = await RoomSite.StartAsync();
        var created = JsonDocument.Parse((await site.RoomAsync("a", "create", "--json")).Output);

        Assert.Equal(6, (await site.RoomAsync("b", "join", "invite_0")).ExitCode);
        Assert.Equal(2, (await site.RoomAsync("b", "join", "../etc")).ExitCode);
        Assert.Equal(2, (await site.RoomAsync("b", "join")).ExitCode);
        Assert.Equal(4, (await site.RoomAsync("b", "send", "x")).ExitCode);
        Assert.Equal(5, (await site.RoomAsync("a", "send", "x")).ExitCode);
        Assert.Equal(2, (await site.RoomAsync("a", "send")).ExitCode);
        Assert.Equal(2, (await site.RoomAsync("a", "say", "x")).ExitCode);
        Assert.Equal(2, (await site.RoomAsync("a", "send", "x", "--over", "--standby")).ExitCode);
        Assert.Equal(2, (await site.RoomWithInputAsync("a", new string('x', (1024 * 1024) + 1), "send")).ExitCode);
        Assert.Equal(5, (await site.RoomAsync("a", "wait", "--timeout", "300ms")).ExitCode);
        Assert.Equal(0, (await site.RoomAsync("b", "join", Text(created, "code"))).ExitCode);
        Assert.Equal(6, (await site.RoomAsync("c", "join", Text(created, "code"))).ExitCode);
        Assert.Equal(3, (await site.RoomAsync("b", "headless", "true")).ExitCode);
        Assert.Equal("HEADLESS_SET: true\n", (await site.RoomAsync("a", "headless")).Output);
    }

    [Fact]
    public async Task A_wait_outlives_a_killed_hub_and_then_says_that_the_room_is_gone()
    {
        await using var site = await RoomSite.StartAsync();
        await PairAsync(site);
        var waiting = site.StartRoom("b", "loop");

        site.Hub.Process.Kill();
        await waiting.WaitForErrorAsync("Trying again");
        await site.Hub.RestartAsync();

        Assert.Equal(4, await waiting.WaitForExitAsync());
        Assert.Contains("the hub was restarted", waiting.Error);
    }

    [Fact]
    public async Task The_token_is_in_no_command_line_no_output_and_no_log()
    {
        await using var site = await RoomSite.StartAsync();
        await PairAsync(site);
        var token = await File.ReadAllTextAsync(Path.Combine(site.PathOf("b"), "rooms", "join", "token"), TestContext.Current.CancellationToken);
        var traced = site.Variables();
        traced["PARLEY_LOG"] = "trace";
        var waiting = site.Track(ParleyProgram.StartWith(site.PathOf("b"), traced, "room", "loop"));
        var processes = ReadProcess(waiting.Id);

        await site.RoomAsync("a", "send", "hello");
        await waiting.WaitForExitAsync();

        Assert.StartsWith("tok_", token);
        Assert.DoesNotContain(token, processes + waiting.Output + waiting.Error);
        Assert.DoesNotContain(token, site.Hub.Process.Error + site.Hub.Process.Output);
    }

    private static async Task PairAsync(RoomSite site)
    {
        var created = JsonDocument.Parse((await site.RoomAsync("a", "create", "--json")).Output);
        Assert.Equal(0, (await site.RoomAsync("b", "join", Text(created, "code"))).ExitCode);
        Assert.Contains("has joined", (await site.RoomAsync("a", "wait")).Output);
    }

    private static string ReadProcess(int id) => File.ReadAllText($"/proc/{id}/cmdline") + File.ReadAllText($"/proc/{id}/environ");

    private static string Text(JsonDocument json, string member) => json.RootElement.GetProperty(member).GetString()!;
}
