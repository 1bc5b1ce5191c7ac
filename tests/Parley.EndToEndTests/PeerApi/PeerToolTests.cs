using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerApi;

/// <summary><c>peer_ask</c> in a model's hands: real processes, a model that a test scripts.</summary>
public sealed class PeerToolTests
{
    [Fact]
    public async Task A_model_that_answers_a_peer_asks_another_one_where_the_entry_allows_it()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await homes.MakeThirdAsync();
        await using var model = await StandInServer.StartAsync((context, _) => AskThenSayAsync(context));
        await PeerHomes.IntroduceAsync(homes.C, await homes.ServeScriptAsync(homes.C, "printf '%s: ' \"$PARLEY_FROM\"; cat"), homes.B);
        await PeerHomes.IntroduceAsync(homes.B, "3100", homes.C);
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeOptionsAsync(homes.B, "--openai", new Uri(model.Url, "v1").ToString(), "--model", "m", "--tools", "peer_ask"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);

        var refused = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "Ask c.");
        PeerHomes.Change(homes.B, "a", "allow", new JsonArray("ask", "tool:peer_ask"));
        var allowed = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "Ask c.");

        Assert.Contains("There is no tool of this name.", refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("peer_ask", model.Requests[0], StringComparison.Ordinal);
        Assert.Equal((0, "It says: peer:b: Awake?\n"), (allowed.ExitCode, allowed.Output));
    }

    [Fact]
    public async Task Parley_mcp_of_a_home_without_a_hub_offers_peer_ask_alone()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeAsync(homes.B, "cat"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);
        string[] lines =
        [
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""",
            """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""",
            """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"peer_ask","arguments":{"peer_name":"b","prompt":"word for word"}}}""",
        ];

        await using var mcp = ParleyProgram.StartWithInput(homes.A, "mcp");
        foreach (var line in lines)
        {
            await mcp.WriteAsync(line + "\n");
        }

        var answer = await mcp.WaitForOutputAsync("word for word");

        Assert.Equal("word for word", JsonNode.Parse(answer)!["result"]!["content"]![1]!["text"]!.GetValue<string>());
        Assert.Contains("\"name\":\"peer_ask\"", mcp.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("send_to_agent", mcp.Output, StringComparison.Ordinal);
    }

    private static async Task AskThenSayAsync(HttpContext context)
    {
        var last = JsonDocument.Parse((string)context.Items["body"]!).RootElement.GetProperty("messages").EnumerateArray().Last();
        if (last.GetProperty("role").GetString() == "tool")
        {
            await StandInServer.EventsAsync(context, Delta($"It says: {last.GetProperty("content").GetString()!.Split("\n\n", 2)[1]}"), "[DONE]");
            return;
        }

        const string Arguments = """{"peer":"c","message":"Awake?"}""";
        await StandInServer.EventsAsync(
            context,
            $$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"peer_ask","arguments":{{{JsonSerializer.Serialize(Arguments)}}}}}]}}]}""",
            "[DONE]");
    }

    private static string Delta(string text) => $$$"""{"choices":[{"index":0,"delta":{"content":{{{JsonSerializer.Serialize(text)}}}}}]}""";
}
