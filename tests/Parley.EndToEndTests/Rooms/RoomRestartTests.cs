using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.Rooms;

/// <summary>What scripts see when the hub's process ends and comes back.</summary>
public sealed class RoomRestartTests
{
    [Fact]
    public async Task A_hub_that_is_told_to_stop_wakes_who_waits_and_after_the_restart_the_room_is_closed()
    {
        await using var hub = await HubProcess.StartAsync();
        var address = new Uri(hub.ReadFile("http").GetString()!);
        using var host = new ScriptedAgent("newest", address, null);
        using var joiner = new ScriptedAgent("newest", address, null);
        var opened = await host.SayAsync("host-connect");
        await joiner.SayAsync("join-connect", opened.Split('\n')[0]["INVITE_CODE: ".Length..]);
        Assert.Contains("has joined", await host.SayAsync("loop", "--surface-join-notice", "host"));
        await using var waiting = joiner.Start("loop", "join");
        await UntilWaitingAsync(hub, address);

        hub.Process.Terminate();

        await waiting.WaitForExitAsync();
        Assert.Contains("[SYSTEM]: Broker is draining. Reconnect and continue waiting.", waiting.Output);
        Assert.Equal(0, await hub.Process.WaitForExitAsync());
        await hub.RestartAsync();
        Assert.Equal("TIMEOUT_ROOM_CLOSED", await joiner.SayAsync("wait-message", "join"));
        Assert.Equal("ROOM_CLOSED", await host.SayAsync("ping", "host"));
        Assert.Equal("NOT_DELIVERED: Not in a room (HTTP 400)", await host.SayAsync("send", "host", "hello?"));
    }

    [Fact]
    public async Task A_hub_that_was_killed_is_no_different_afterwards()
    {
        await using var hub = await HubProcess.StartAsync();
        var address = new Uri(hub.ReadFile("http").GetString()!);
        using var host = new ScriptedAgent("newest", address, null);
        await host.SayAsync("host-connect");

        hub.Process.Kill();
        await hub.Process.WaitForExitAsync();
        Assert.Equal("FAILED: unreachable or unhealthy", await host.SayAsync("check-remote"));

        await hub.RestartAsync();
        Assert.Equal("TIMEOUT_ROOM_CLOSED", await host.SayAsync("wait-message", "host"));
    }

    [Fact]
    public async Task Two_that_talk_while_the_hub_is_killed_are_told_and_talk_for_200_turns_in_a_new_room()
    {
        await using var hub = await HubProcess.StartAsync();
        var address = new Uri(hub.ReadFile("http").GetString()!);
        using var host = new ScriptedAgent("newest", address, null);
        using var joiner = new ScriptedAgent("newest", address, null);
        await ConnectAsync(host, joiner);
        await using var joining = joiner.Start("talk", "join", "1000");
        await using var hosting = host.Start("talk", "host", "1000");
        await hosting.WaitForOutputAsync("turn 10 of join");

        hub.Process.Kill();
        await hub.Process.WaitForExitAsync();
        await hub.RestartAsync();
        await Deadline.UntilAsync(() => IsTold(hosting) && IsTold(joining), () => $"both were told; host: {End(hosting)}; joiner: {End(joining)}");
        joining.Terminate();
        hosting.Terminate();
        await ConnectAsync(host, joiner);
        await using var joiningAgain = joiner.Start("talk", "join", "100");
        await using var hostingAgain = host.Start("talk", "host", "100");
        await Task.WhenAll(joiningAgain.WaitForExitAsync(), hostingAgain.WaitForExitAsync());

        Assert.Contains("last from join", hostingAgain.Output);
        Assert.Contains("turn 100 of host", joiningAgain.Output);

        static bool IsTold(RealProcess agent) =>
            agent.Output.Contains("TIMEOUT_ROOM_CLOSED", StringComparison.Ordinal) || agent.Output.Contains("NOT_DELIVERED: Not in a room", StringComparison.Ordinal);

        static string End(RealProcess agent) => agent.Output[^Math.Min(agent.Output.Length, 500)..];
    }

    private static async Task ConnectAsync(ScriptedAgent host, ScriptedAgent joiner)
    {
        var opened = await host.SayAsync("host-connect");
        Assert.Contains("(2/2 connected)", await joiner.SayAsync("join-connect", opened.Split('\n')[0]["INVITE_CODE: ".Length..]));
    }

    // Only the hub knows when a wait is parked.
    private static async Task UntilWaitingAsync(HubProcess hub, Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(Path.Combine(hub.Data, "admin.key"))).Trim());
        await Deadline.UntilAsync(async () => (await client.GetStringAsync("/metrics")).Contains("parley_rooms_open_waits 1", StringComparison.Ordinal), "somebody to wait");
    }
}
