using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.EndToEndTests.Rooms;

/// <summary>What the newest generation's scripts do for agents that cannot sit and wait: a waiter in the background with a mailbox, stopped and started again around each message.</summary>
public sealed class RoomChatScriptTests : IAsyncLifetime
{
    private ApiHub _hub = null!;
    private ScriptedAgent _host = null!;
    private ScriptedAgent _joiner = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await ApiHub.StartAsync(options => options.Rooms.WaitLimit = TimeSpan.FromSeconds(20));
        (_host, _joiner) = (new ScriptedAgent("newest", _hub.Hub.LocalHttp, null), new ScriptedAgent("newest", _hub.Hub.LocalHttp, null));
        var opened = await _host.SayAsync("host-connect");
        await _joiner.SayAsync("join-connect", opened.Split('\n')[0]["INVITE_CODE: ".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.SayAsync("leave", "host");
        await _joiner.SayAsync("leave", "join");
        _host.Dispose();
        _joiner.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task A_parked_agent_finds_what_came_while_nothing_of_it_ran()
    {
        await ParkAsync(_joiner, "join");
        Assert.Equal("NO_PENDING_MESSAGE", await _joiner.SayAsync("chat", "--pending-only", "join"));

        await _host.SayAsync("send", "host", "while you were away [OVER]");

        Assert.Contains("│ while you were away\n", await PendingAsync(_joiner, "join"));
        Assert.Contains("│ while you were away\n", await _joiner.SayAsync("chat", "--pending-only", "join"));
    }

    [Fact]
    public async Task A_waiter_in_the_background_makes_way_for_each_message_and_comes_back()
    {
        await ParkAsync(_joiner, "join");
        for (var turn = 0; turn < 5; turn++)
        {
            await using var hosting = _host.Start("chat", "host", $"question {turn} [OVER]");
            Assert.Contains($"│ question {turn}\n", await PendingAsync(_joiner, "join", turn));
            await using var joining = _joiner.Start("chat", "join", $"answer {turn} [OVER]");
            await hosting.WaitForExitAsync();
            Assert.Contains($"│ answer {turn}\n", hosting.Output);
            await _host.SayAsync("send", "host", $"next {turn} [OVER]");
            await joining.WaitForExitAsync();
            Assert.Contains($"│ next {turn}\n", joining.Output);
        }
    }

    [Fact]
    public async Task A_waiter_that_was_killed_loses_nothing_and_the_agent_is_told_to_park_again()
    {
        await ParkAsync(_joiner, "join");
        await _joiner.SayAsync("stop-passive", "join");
        Assert.Equal("RECOVERY_REQUIRED\nNEXT_STEP: chat --park join", await _joiner.SayAsync("chat", "--pending-only", "join"));

        await _host.SayAsync("send", "host", "said to nobody [OVER]");
        await _joiner.SayAsync("chat", "--park", "join");

        Assert.Contains("│ said to nobody\n", await PendingAsync(_joiner, "join"));
    }

    [Fact]
    public async Task A_parked_agent_finds_that_its_partner_closed()
    {
        await ParkAsync(_joiner, "join");

        await _host.SayAsync("leave", "host");

        Assert.Contains(RoomNotices.HostClosed, await PendingAsync(_joiner, "join"));
    }

    private async Task ParkAsync(ScriptedAgent agent, string role)
    {
        await agent.SayAsync("chat", "--park", role);
        await Deadline.UntilAsync(() => _hub.Get<RoomService>().Meter.OpenWaits == 1, "a parked wait");
    }

    private static async Task<string> PendingAsync(ScriptedAgent agent, string role, int? turn = null)
    {
        var pending = string.Empty;
        await Deadline.UntilAsync(
            async () =>
            {
                pending = await agent.SayAsync("chat", "--pending-only", role) + "\n";
                return pending.StartsWith("MESSAGE_RECEIVED", StringComparison.Ordinal) && (turn is null || pending.Contains($"question {turn}\n", StringComparison.Ordinal));
            },
            "something in the mailbox");
        return pending;
    }
}
