using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Grpc;
using Parley.Testing;

namespace Parley.EndToEndTests.Connections;

/// <summary>The library of Standard Webhooks verifies what the hub sends, and signs what it takes; the seed's curl connects.</summary>
public sealed class StandardWebhooksTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Their_library_verifies_ours_and_we_verify_theirs()
    {
        await using var hub = await HubProcess.StartAsync("--allow-outbound", "127.0.0.1");
        await JoinAsync(hub, "agent-a");
        using var node = await NodeFolder.StartAsync("standard-webhooks.mjs", Stop);
        var url = $"http://127.0.0.1:{(await LineAsync(node)).GetProperty("port").GetInt32()}/hook";
        var made = await RunAsync(hub, "connections", "create", "--source", "agent-a", "--url", url, "--events", "workflow.*", "--json");
        var (id, secret) = (made.GetProperty("id").GetString()!, made.GetProperty("secret").GetString());

        await node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { secret, hook = $"{Http(hub)}/hooks/{id}" }));
        await node.StandardInput.FlushAsync(Stop);
        await RunAsync(hub, "events", "emit", "workflow.complete", "--source", "agent-a", "--data", """{"workflow_id":"étape-1"}""", "--json");
        var lines = new List<JsonElement>();
        while (!Workflows(lines).IsSupersetOf(["étape-1", "from-outside"]) || !lines.Exists(line => line.TryGetProperty("sent", out _)))
        {
            lines.Add(await LineAsync(node));
        }

        node.Kill();
        var sent = lines.First(line => line.TryGetProperty("sent", out _));
        Assert.DoesNotContain(lines, line => line.TryGetProperty("refused", out _));
        Assert.Equal((202, 401), (sent.GetProperty("sent").GetInt32(), sent.GetProperty("forged").GetInt32()));
    }

    [Fact]
    public async Task The_seeds_curl_connects_two_agents_and_the_target_hears_over_its_link()
    {
        await using var hub = await HubProcess.StartAsync();
        await JoinAsync(hub, "agent-a");
        await JoinAsync(hub, "agent-b");
        var key = (await File.ReadAllTextAsync(Path.Combine(hub.Data, "admin.key"), Stop)).Trim();
        await using var listener = ParleyProgram.Start(hub.HomeOf("agent-b"), ["a2a", "listen", "--json"]);
        await listener.WaitForErrorAsync("listening");

        var curl = await RealProcess.RunAsync(
            "curl",
            [
                "-s", "-X", "POST", $"{Http(hub)}/api/agent-connections", "-H", $"Authorization: Bearer {key}", "-d",
                """
                {
                    "source_agent_id": "agent-a",
                    "target_agent_id": "agent-b",
                    "connection_type": "webhook",
                    "config": {
                      "events": ["workflow.complete"]
                    }
                  }
                """,
            ],
            string.Empty,
            new Dictionary<string, string?>());
        var connection = JsonElement.Parse(curl.Output).GetProperty("data").GetProperty("id").GetString()!;
        await ParleyProgram.RunAsync(hub.HomeOf("agent-a"), ["events", "emit", "workflow.complete", "--data", """{"workflow_id":"step-1"}"""]);

        await Deadline.UntilAsync(
            async () => (await RunAsync(hub, "connections", "deliveries", connection, "--status", "delivered", "--json")).GetProperty("meta").GetProperty("total").GetInt32() == 1,
            "the target has it");
    }

    [Fact]
    public async Task A_tail_forwards_to_a_port_behind_NAT_and_resumes_where_it_was()
    {
        await using var hub = await HubProcess.StartAsync();
        await JoinAsync(hub, "agent-a");
        await using var receiver = await Parley.Testing.Connections.WebhookReceiver.StartAsync();
        await ParleyProgram.RunAsync(hub.HomeOf("agent-a"), ["events", "emit", "custom.one", "--data", """{"n":1}"""]);
        receiver.Next(503);
        await ParleyProgram.RunAsync(hub.HomeOf("agent-a"), ["events", "emit", "custom.two", "--data", """{"n":2}"""]);

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("agent-a"), ["events", "tail", "--after", "0", "--count", "2", "--forward", receiver.Url, "--json"]);

        Assert.Equal([1, 1, 2], receiver.Got.Select(got => got.Json.GetProperty("data").GetProperty("n").GetInt32()));
        Assert.Equal(2, outcome.Output.Trim().Split('\n').Length);
    }

    private static HashSet<string?> Workflows(List<JsonElement> lines) =>
        [.. lines.Where(line => line.TryGetProperty("data", out _)).Select(line => line.GetProperty("data").GetProperty("workflow_id").GetString())];

    private static string Http(HubProcess hub) => hub.ReadFile("http").GetString()!.TrimEnd('/');

    private static async Task JoinAsync(HubProcess hub, string name) =>
        await ParleyProgram.RunWithInputAsync(hub.HomeOf(name), await hub.MakeJoinStringAsync(), "join", "-", "--name", name);

    private static async Task<JsonElement> RunAsync(HubProcess hub, string command, params string[] arguments)
    {
        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("operator"), [command, "--hub-data", hub.Data, .. arguments]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return JsonElement.Parse(outcome.Output);
    }

    private static async Task<JsonElement> LineAsync(System.Diagnostics.Process node) =>
        JsonElement.Parse(await node.StandardOutput.ReadLineAsync(Stop) ?? throw new InvalidOperationException(await node.StandardError.ReadToEndAsync(Stop)));
}
