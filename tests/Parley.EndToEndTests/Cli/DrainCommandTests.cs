using System.Net;

namespace Parley.EndToEndTests.Cli;

public sealed class DrainCommandTests
{
    [Fact]
    public async Task A_drained_hub_is_not_ready_has_no_links_and_takes_them_again_when_told()
    {
        await using var hub = await HubProcess.StartAsync("--limit", "drain=0s");
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "agent-b");
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "cat");
        await listener.WaitForErrorAsync("listening");
        using var client = new HttpClient { BaseAddress = new Uri(hub.ReadFile("http").GetString()!) };

        var drained = await hub.AdminAsync("drain");
        using var during = await client.GetAsync("/ready");
        await listener.WaitForErrorAsync("dialling again");
        var back = await hub.AdminAsync("drain", "--off");
        using var after = await client.GetAsync("/ready");
        var answer = await AskAsync(hub, join);

        Assert.Equal("draining\n", drained.Output);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, during.StatusCode);
        Assert.Equal("ready\n", back.Output);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.Equal("here", answer);
    }

    private static async Task<string> AskAsync(HubProcess hub, string join)
    {
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "agent-a");
        return (await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "here")).Output;
    }
}
