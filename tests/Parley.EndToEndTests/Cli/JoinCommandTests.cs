using Parley.Hub.Identity.Keys;
using System.Text.Json;
using Parley.Protocol.Identity;

namespace Parley.EndToEndTests.Cli;

public sealed class JoinCommandTests
{
    [Fact]
    public async Task A_join_string_on_standard_input_makes_the_home_an_agent_and_prints_its_address()
    {
        await using var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync();

        var joined = await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join + "\n", "join", "-", "--name", "agent-b", "--labels", "role=build");

        Assert.Equal((0, "agent-b\n"), (joined.ExitCode, joined.Output));
        var who = await ParleyProgram.RunAsync(hub.HomeOf("b"), "whoami", "--json");
        using var json = JsonDocument.Parse(who.Output);
        Assert.Equal("local.agent-b", json.RootElement.GetProperty("agent").GetString());
    }

    [Fact]
    public async Task A_name_that_another_owner_has_too_is_printed_with_its_owner()
    {
        await using var hub = await HubProcess.StartAsync();
        await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", await hub.MakeJoinStringAsync(), "--name", "agent-b");

        var joined = await ParleyProgram.RunAsync(hub.HomeOf("c"), "join", await hub.MakeJoinStringAsync("--owner", "ann"), "--name", "agent-b");

        Assert.Equal("ann.agent-b\n", joined.Output);
    }

    [Fact]
    public async Task A_spent_token_is_refused()
    {
        await using var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync();
        await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", join, "--name", "agent-b");

        var second = await ParleyProgram.RunAsync(hub.HomeOf("c"), "join", join, "--name", "agent-c");

        Assert.Equal((3, string.Empty), (second.ExitCode, second.Output));
    }

    [Fact]
    public async Task A_wrong_token_is_refused_like_a_spent_one()
    {
        await using var hub = await HubProcess.StartAsync();
        var good = JoinString.Parse(await hub.MakeJoinStringAsync());
        var forged = new JoinString(good.HubId, good.Http, good.Grpc, good.Pin, "jt_" + new string('a', 32)).Reveal();

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", forged, "--name", "agent-b");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("not valid, or not any more", outcome.Error);
    }

    [Fact]
    public async Task A_taken_name_is_a_conflict()
    {
        await using var hub = await HubProcess.StartAsync();
        await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", await hub.MakeJoinStringAsync(), "--name", "agent-b");

        var second = await ParleyProgram.RunAsync(hub.HomeOf("c"), "join", await hub.MakeJoinStringAsync(), "--name", "agent-b");

        Assert.Equal(6, second.ExitCode);
    }

    [Fact]
    public async Task A_home_that_has_joined_is_a_conflict_and_stays_who_it_is()
    {
        await using var hub = await HubProcess.StartAsync();
        await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", await hub.MakeJoinStringAsync(), "--name", "agent-b");

        var again = await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", await hub.MakeJoinStringAsync(), "--name", "agent-c");

        Assert.Equal(6, again.ExitCode);
        Assert.Contains("local.agent-b", (await ParleyProgram.RunAsync(hub.HomeOf("b"), "whoami")).Output);
    }

    [Fact]
    public async Task A_self_made_certificate_is_known_by_the_join_strings_pin()
    {
        await using var hub = await HubProcess.StartAsync("--tls", "self");

        var joined = await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", await hub.MakeJoinStringAsync(), "--name", "agent-b");

        Assert.Equal((0, "agent-b\n"), (joined.ExitCode, joined.Output));
        Assert.Equal(0, (await ParleyProgram.RunAsync(hub.HomeOf("b"), "doctor")).ExitCode);
    }

    [Fact]
    public async Task A_hub_with_another_key_than_the_pinned_one_is_refused()
    {
        await using var hub = await HubProcess.StartAsync("--tls", "self");
        var good = JoinString.Parse(await hub.MakeJoinStringAsync());
        var forged = new JoinString(good.HubId, good.Http, good.Grpc, SpkiPin.FromHash(new byte[SpkiPin.HashSize]), good.Token).Reveal();

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", forged, "--name", "agent-b");

        Assert.Equal(7, outcome.ExitCode);
        Assert.Equal(1, (await ParleyProgram.RunAsync(hub.HomeOf("b"), "whoami")).ExitCode);
    }

    [Fact]
    public async Task A_hub_that_is_gone_is_unreachable()
    {
        await using var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync();
        hub.Process.Terminate();
        await hub.Process.WaitForExitAsync();

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("b"), "join", join, "--name", "agent-b");

        Assert.Equal(5, outcome.ExitCode);
    }
}
