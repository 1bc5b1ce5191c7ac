using System.Text.Json;
using Parley.EndToEndTests.A2a;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Grpc;
using Parley.Testing;

namespace Parley.EndToEndTests.OpenAi;

/// <summary>OpenAI's own client for Node, and curl, talk to agents through a hub.</summary>
public sealed class OpenAiClientTests
{
    // Answers with a call of one of its caller's tools, in which stands what that tool requires.
    private const string Caller = """
        let text = '';
        process.stdin.on('data', (piece) => (text += piece)).on('end', () => {
          const tool = JSON.parse(text).tools.find((one) => one.function.name === 'send_to_agent');
          const wanted = JSON.stringify({ agent_id: 'echo', message: tool.function.parameters.required.join() });
          console.log(JSON.stringify({ type: 'tool_calls', calls: [{ id: 'c1', type: 'function', function: { name: tool.function.name, arguments: wanted } }] }));
        });
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenAis_own_client_streams_follows_and_understands_refusals()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await ListenAsync(agents, "echo", "cat");
        await ListenAsync(agents, "counter", "seq", "0", "9999");
        await ListenAsync(agents, "broken", "node", "-e", "console.log('half'); setTimeout(() => process.exit(3), 500)");
        await agents.EnrolAsync("away");
        await agents.EnrolAsync("caller");
        await agents.ListenAsync("caller", "--protocol", "events", "--caller-tools", "--", "node", "-e", Caller);
        var key = await KeyAsync(hub);

        using var node = await NodeFolder.StartAsync("openai-client.mjs", Stop, $"{hub.ReadFile("http").GetString()!.TrimEnd('/')}/v1", key);
        var errors = node.StandardError.ReadToEndAsync(Stop);
        var output = await node.StandardOutput.ReadToEndAsync(Stop);
        await node.WaitForExitAsync(Stop);

        Assert.True(node.ExitCode == 0, await errors);
        var seen = JsonElement.Parse(output);
        Assert.Equal(["away", "broken", "caller", "counter", "echo"], seen.GetProperty("models").EnumerateArray().Select(model => model.GetString()));
        Assert.Equal("""{"text":"Hello!","finish":"stop","usage":null}""", seen.GetProperty("chat").GetRawText());
        Assert.Equal("""{"text":"Hello!","ids":1}""", seen.GetProperty("stream").GetRawText());
        Assert.Equal(48_890, seen.GetProperty("counted").GetProperty("length").GetInt32());
        Assert.Equal("""{"first":"one","second":"two","kept":"two"}""", seen.GetProperty("responses").GetRawText());
        Assert.Equal("""{"text":"three","status":"completed","first":"response.created","last":"response.completed"}""", seen.GetProperty("responseStream").GetRawText());
        Assert.Contains("send_to_agent", seen.GetProperty("tools").GetProperty("names").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("""{"name":"send_to_agent","arguments":"{\"agent_id\":\"echo\",\"message\":\"agent_id,message\"}"}""", seen.GetProperty("tools").GetProperty("call").GetRawText());
        Assert.Equal("tool_calls", seen.GetProperty("tools").GetProperty("finish").GetString());
        AssertRefusals(seen.GetProperty("refusals"));
        Assert.Equal("half\n", seen.GetProperty("brokenText").GetString());
    }

    [Fact]
    public async Task Curl_streams_an_answer()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await ListenAsync(agents, "echo", "cat");
        var body = """{"model": "echo", "messages": [{"role": "user", "content": "Hello!"}], "stream": true}""";

        var outcome = await RealProcess.RunAsync(
            "curl",
            ["-sN", $"{hub.ReadFile("http").GetString()!.TrimEnd('/')}/v1/chat/completions", "-H", "Content-Type: application/json", "-H", $"Authorization: Bearer {await KeyAsync(hub)}", "-d", body],
            string.Empty,
            new Dictionary<string, string?>());

        Assert.Contains("\"content\":\"Hello!\"", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", outcome.Output, StringComparison.Ordinal);
    }

    private static void AssertRefusals(JsonElement refusals)
    {
        (string Name, string Kind, int? Status, string Code)[] expected =
        [
            ("key", "AuthenticationError", 401, "invalid_api_key"),
            ("model", "NotFoundError", 404, "model_not_found"),
            ("n", "BadRequestError", 400, "unsupported_parameter"),
            ("tools", "BadRequestError", 400, "unsupported_parameter"),
            ("offline", "InternalServerError", 503, "agent.offline"),
            ("broken", "InternalServerError", 502, "responder.failed"),
            ("brokenStream", "APIError", null, "responder.failed"),
            ("previous", "BadRequestError", 400, "previous_response_not_found"),
        ];

        Assert.Equal(expected, expected.Select(row => refusals.GetProperty(row.Name)).Zip(expected, (refusal, row) => (
            row.Name,
            refusal.GetProperty("kind").GetString()!,
            refusal.GetProperty("status").ValueKind == JsonValueKind.Null ? (int?)null : refusal.GetProperty("status").GetInt32(),
            refusal.GetProperty("code").GetString()!)));
    }

    private static async Task<string> KeyAsync(HubProcess hub) => (await hub.AdminAsync("keys", "create")).Output.Trim();

    private static async Task ListenAsync(RealAgents agents, string name, params string[] command)
    {
        await agents.EnrolAsync(name);
        await agents.ListenAsync(name, ["--", .. command]);
    }
}
