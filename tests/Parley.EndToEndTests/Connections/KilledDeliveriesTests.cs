using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.EndToEndTests.Connections;

/// <summary>A hub that is killed amid its deliveries loses none that it accepted.</summary>
public sealed class KilledDeliveriesTests
{
    private const int AtOnce = 32;

    private static readonly int _events = Requires.IsLongRun ? 10_000 : 3000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_thousands_of_deliveries_none_is_lost_and_those_that_come_twice_have_one_id()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var hub = await HubProcess.StartAsync("--allow-outbound", "127.0.0.1");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("agent-a"), await hub.MakeJoinStringAsync(), "join", "-", "--name", "agent-a");
        await ParleyProgram.RunAsync(hub.HomeOf("operator"), ["connections", "--hub-data", hub.Data, "create", "--source", "agent-a", "--url", receiver.Url, "--events", "custom.*"]);
        var accepted = new ConcurrentDictionary<string, byte>();

        var isBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var emitting = EmitAllAsync(hub, accepted, isBack.Task);
        await Deadline.UntilAsync(() => receiver.Got.Count > _events / 10, "deliveries are under way", TimeSpan.FromMinutes(3));
        hub.Process.Kill();
        await hub.RestartAsync();
        isBack.SetResult();
        await emitting;
        var received = new Dictionary<string, HashSet<string>>();
        await Deadline.UntilAsync(() => Take(receiver, received) && accepted.Keys.All(received.ContainsKey), "all that was accepted came", TimeSpan.FromMinutes(5));

        Assert.All(received.Values, ids => Assert.Single(ids));
        Assert.True(accepted.Count > _events / 2, $"{accepted.Count} were accepted");
    }

    // By the emitter's id: under which webhook-ids it came.
    private static bool Take(WebhookReceiver receiver, Dictionary<string, HashSet<string>> received)
    {
        while (receiver.Got.TryDequeue(out var got))
        {
            var id = got.Json.GetProperty("id").GetString()!;
            received.TryAdd(id, []);
            received[id].Add(got.Headers["webhook-id"]);
        }

        return true;
    }

    private static async Task EmitAllAsync(HubProcess hub, ConcurrentDictionary<string, byte> accepted, Task isBack)
    {
        using var client = new HttpClient { BaseAddress = new Uri(hub.ReadFile("http").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(hub.Data, "admin.key"), Stop)).Trim());
        await Parallel.ForEachAsync(Enumerable.Range(0, _events), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Stop }, async (number, _) =>
        {
            // The second hub listens on the same port: whoever emits tries until it is told that it was taken, under one id.
            for (var tries = 0; tries < 3; tries++)
            {
                try
                {
                    using var content = new StringContent($$$"""{"type":"custom.one","source":"agent-a","id":"e{{{number}}}","data":{"n":{{{number}}}}}""", Encoding.UTF8, "application/json");
                    using var response = await client.PostAsync("/api/events", content, Stop);
                    response.EnsureSuccessStatusCode();
                    accepted.TryAdd($"e{number}", 0);
                    return;
                }
                catch (HttpRequestException)
                {
                    await isBack.WaitAsync(Deadline.Shared, Stop);
                }
            }
        });
    }
}
