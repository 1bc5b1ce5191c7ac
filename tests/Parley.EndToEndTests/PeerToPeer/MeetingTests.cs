using System.Text.Json;
using Parley.EndToEndTests.Cli;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>Two homes, two processes, one hub between them.</summary>
public sealed class MeetingTests
{
    [Fact]
    public async Task Two_processes_meet_directly_and_through_the_hub_and_show_the_same_phrase()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "doctor", "--json");
        await bob.WaitForErrorAsync("answering");

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "doctor", "agent-b", "--json");
        using var seen = JsonDocument.Parse(outcome.Output);
        using var shown = JsonDocument.Parse(await bob.WaitForOutputAsync("relay"));

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(["direct", "webrtc", "relay"], seen.RootElement.GetProperty("ways").EnumerateArray().Where(way => way.GetProperty("works").GetBoolean()).Select(way => way.GetProperty("path").GetString()));
        Assert.Equal(seen.RootElement.GetProperty("phrase").GetString(), shown.RootElement.GetProperty("phrase").GetString());
        Assert.Contains("UNVERIFIED", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_was_enrolled_anew_is_refused_with_exit_code_7_until_it_is_forgotten()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using (var bob = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "doctor"))
        {
            await bob.WaitForErrorAsync("answering");
            Assert.Equal(0, (await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "doctor", "agent-b")).ExitCode);
        }

        var join = (await hub.AdminAsync("agents", "reset-key", "local.agent-b")).Output.Trim();
        await ParleyProgram.RunAsync(hub.HomeOf("new"), "join", join, "--name", "agent-b");
        await using var impostor = ParleyProgram.Start(hub.HomeOf("new"), "p2p", "doctor");
        await impostor.WaitForErrorAsync("answering");
        var refused = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "doctor", "agent-b");
        var notVerified = await ParleyProgram.RunAsync(hub.HomeOf("a"), "verify", "agent-b", "--yes");
        var listed = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "list");
        var forgotten = await ParleyProgram.RunAsync(hub.HomeOf("a"), "pins", "forget", "agent-b");
        var met = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "doctor", "agent-b");

        Assert.Equal((7, 7, 0, 0), (refused.ExitCode, notVerified.ExitCode, forgotten.ExitCode, met.ExitCode));
        Assert.Contains("parley pins forget local.agent-b", refused.Error, StringComparison.Ordinal);
        Assert.Contains("another key than the known one", listed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compared_phrase_makes_an_agent_verified()
    {
        await using var hub = await TwoHomes.StartAsync();

        var near = await ParleyProgram.RunAsync(hub.HomeOf("a"), "verify", "agent-b", "--yes");
        var far = await ParleyProgram.RunAsync(hub.HomeOf("b"), "verify", "agent-a");
        var listed = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "list", "--json");

        Assert.Equal(near.Output, far.Output);
        Assert.Contains("\"trust\":\"verified\"", listed.Output, StringComparison.Ordinal);
        Assert.Contains("is unverified", far.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_says_who_wants_to_meet_and_what_to_type()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen");
        await bob.WaitForErrorAsync("listening as");

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("a"), "p2p", "doctor", "agent-b", "--timeout", "20s");

        Assert.Equal(5, outcome.ExitCode);
        Assert.Contains("parley p2p doctor", await bob.WaitForErrorAsync("local.agent-a looks for a way"), StringComparison.Ordinal);
    }
}
