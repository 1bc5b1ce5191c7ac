using System.Text.Json;

namespace Parley.EndToEndTests.Cli;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task A_load_is_measured_and_leaves_no_agent_behind()
    {
        await using var hub = await HubProcess.StartAsync("--pair-rate", "0", "--limit", "budget-messages=0");

        var outcome = await ParleyProgram.RunAsync(
            hub.HomeOf("operator"), "bench", "throughput", "--pairs", "2", "--window", "4", "--seconds", "1", "--data", hub.Data, "--json");

        Assert.Equal(0, outcome.ExitCode);
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.True(json.RootElement.GetProperty("requests").GetInt64() > 100, outcome.Output);
        var times = new[] { "p50", "p90", "p99", "p999", "max" }.Select(name => json.RootElement.GetProperty(name).GetDouble()).ToList();
        Assert.Equal(times.Order(), times);
        Assert.True(times[0] > 0);
        Assert.Equal(0, await AgentsAsync(hub));
    }

    [Fact]
    public async Task With_a_join_string_the_agents_leave_by_themselves_also_at_Ctrl_C()
    {
        await using var hub = await HubProcess.StartAsync("--pair-rate", "0", "--limit", "budget-messages=0");
        var join = await hub.MakeJoinStringAsync("--uses", "many");

        await using var bench = ParleyProgram.Start(hub.HomeOf("operator"), "bench", "--seconds", "600", "--pairs", "2", "--join", join);
        await bench.WaitForErrorAsync("warm up");
        var during = await AgentsAsync(hub);
        bench.Interrupt();

        Assert.Equal(130, await bench.WaitForExitAsync());
        Assert.Equal(4, during);
        Assert.Equal(0, await AgentsAsync(hub));
    }

    [Fact]
    public async Task A_hub_that_limits_pairs_is_named_as_the_reason()
    {
        await using var hub = await HubProcess.StartAsync("--limit", "pair-burst=5", "--pair-rate", "1");

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("operator"), "bench", "--seconds", "1", "--data", hub.Data);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("--pair-rate 0", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(0, await AgentsAsync(hub));
    }

    private static async Task<int> AgentsAsync(HubProcess hub)
    {
        using var json = JsonDocument.Parse((await hub.AdminAsync("agents", "list", "--json")).Output);
        return json.RootElement.GetProperty("data").GetArrayLength();
    }
}
