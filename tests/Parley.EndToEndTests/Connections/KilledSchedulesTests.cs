using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.Connections;

/// <summary>A hub that is killed amid its schedules runs each of them once.</summary>
public sealed class KilledSchedulesTests
{
    private const int Schedules = 300;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_schedule_runs_once_though_the_hub_is_killed_twice_amid_them()
    {
        await using var hub = await HubProcess.StartAsync();
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("agent-a"), await hub.MakeJoinStringAsync(), "join", "-", "--name", "agent-a");
        var ids = await CreateAllAsync(hub);

        await Deadline.UntilAsync(async () => (await RunsAsync(hub)).Count > Schedules / 10, "schedules run");
        hub.Process.Kill();
        await hub.RestartAsync();
        await Deadline.UntilAsync(async () => (await RunsAsync(hub)).Count > Schedules / 2, "schedules go on");
        hub.Process.Kill();
        await hub.RestartAsync();
        await Deadline.UntilAsync(async () => (await RunsAsync(hub)).Count >= Schedules, "all have run");

        Assert.Equal(ids.Order(), (await RunsAsync(hub)).Order());
        var done = await SendAsync(hub, HttpMethod.Get, "/api/schedules?limit=1000");
        Assert.All(done.GetProperty("data").EnumerateArray(), schedule => Assert.Equal(("done", 1), (schedule.GetProperty("status").GetString(), schedule.GetProperty("runs").GetInt32())));
    }

    // One due every ten milliseconds, from a moment after the last one is made.
    private static async Task<List<string>> CreateAllAsync(HubProcess hub)
    {
        var (ids, start) = (new List<string>(), TimeProvider.System.GetUtcNow().AddSeconds(4));
        for (var number = 0; number < Schedules; number++)
        {
            var made = await SendAsync(hub, HttpMethod.Post, "/api/schedules", $$"""{"agent_id":"agent-a","next_run":"{{start.AddMilliseconds(10 * number):O}}"}""");
            ids.Add(made.GetProperty("data").GetProperty("id").GetString()!);
        }

        return ids;
    }

    private static async Task<List<string>> RunsAsync(HubProcess hub)
    {
        var (runs, after) = (new List<string>(), 0L);
        while (true)
        {
            var page = await SendAsync(hub, HttpMethod.Get, $"/api/events?after={after}&types=schedule.executed&limit=1000");
            runs.AddRange(page.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("data").GetProperty("schedule_id").GetString()!));
            if (page.GetProperty("data").GetArrayLength() == 0)
            {
                return runs;
            }

            after = page.GetProperty("next").GetInt64();
        }
    }

    private static async Task<JsonElement> SendAsync(HubProcess hub, HttpMethod method, string path, string? body = null)
    {
        using var client = new HttpClient { BaseAddress = new Uri(hub.ReadFile("http").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(hub.Data, "admin.key"), Stop)).Trim());
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, Stop);
        response.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop)).RootElement;
    }
}
