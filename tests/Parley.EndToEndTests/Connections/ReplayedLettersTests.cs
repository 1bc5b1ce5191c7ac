using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.EndToEndTests.Connections;

/// <summary>A hundred megabytes of dead letters go out again without being in memory together.</summary>
public sealed class ReplayedLettersTests
{
    private const int Letters = 1700;
    private const int LetterBytes = 62_000;
    private const long MostBytes = 48 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_letters_of_a_hundred_megabytes_are_replayed_with_bounded_memory()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var hub = await HubProcess.StartAsync("--allow-outbound", "127.0.0.1", "--durability", "normal");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("agent-a"), await hub.MakeJoinStringAsync(), "join", "-", "--name", "agent-a");
        using var client = new HttpClient { BaseAddress = new Uri(hub.ReadFile("http").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(hub.Data, "admin.key"), Stop)).Trim());
        var made = await PostAsync(client, "/api/agent-connections", $$$"""{"source_agent_id":"agent-a","config":{"url":"{{{receiver.Url}}}"}}""");
        var id = made.GetProperty("data").GetProperty("id").GetString();
        receiver.Status = 410;

        await Parallel.ForAsync(0, Letters, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Stop }, async (number, _) =>
            await PostAsync(client, "/api/events", $$$"""{"type":"custom.one","source":"agent-a","data":{"n":{{{number}}},"text":"{{{new string('x', LetterBytes)}}}"}}"""));
        await Deadline.UntilAsync(async () => await DeadAsync(client, id) == Letters, "all are dead letters", TimeSpan.FromMinutes(2));
        receiver.Got.Clear();
        receiver.Status = 204;
        await PostAsync(client, $"/api/agent-connections/{id}/resume", "{}");
        var process = hub.ReadFile("pid").GetInt32();
        var before = MemoryOf(process, "VmRSS");
        await File.WriteAllTextAsync($"/proc/{process}/clear_refs", "5", Stop);
        var replayed = await PostAsync(client, $"/api/agent-connections/{id}/replay", "{}");
        var numbers = new HashSet<int>();
        await Deadline.UntilAsync(() => Take(receiver, numbers) == Letters, "all came", TimeSpan.FromMinutes(2));

        Assert.Equal(Letters, replayed.GetProperty("data").GetProperty("count").GetInt32());
        Assert.InRange(MemoryOf(process, "VmHWM") - before, long.MinValue, MostBytes);
    }

    private static int Take(WebhookReceiver receiver, HashSet<int> numbers)
    {
        while (receiver.Got.TryDequeue(out var got))
        {
            numbers.Add(got.Json.GetProperty("data").GetProperty("n").GetInt32());
        }

        return numbers.Count;
    }

    private static long MemoryOf(int process, string name)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static async Task<int> DeadAsync(HttpClient client, string? id) =>
        JsonElement.Parse(await client.GetStringAsync($"/api/deliveries?connection={id}&status=dead&limit=1", Stop)).GetProperty("meta").GetProperty("total").GetInt32();

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content, Stop);
        response.EnsureSuccessStatusCode();
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop));
    }
}
