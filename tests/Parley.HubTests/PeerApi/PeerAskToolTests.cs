using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Mcp;
using Parley.Client.PeerApi.Asking;
using Parley.Client.Responders;
using Parley.Gateway.Mcp;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.PeerApi;

/// <summary><c>peer_ask</c> as models have it.</summary>
public sealed class PeerAskToolTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("""{"peer":"beta","message":"hello"}""")]
    [InlineData("""{"peer_name":"beta","prompt":"hello"}""")]
    [InlineData("""{"peer":"BETA","prompt":"hello"}""")]
    public async Task P1_both_spellings_are_taken_and_the_peers_words_come_verbatim(string arguments)
    {
        await using var pair = await PeerPair.StartAsync(Says("  größer \"x\"\n"));

        var outcome = await ToolsOf(pair).CallAsync("peer_ask", JsonElement.Parse(arguments), Request(), CancellationToken.None);

        Assert.Equal(("  größer \"x\"\n", false, "the peer beta"), (outcome.Text, outcome.IsError, outcome.Author));
    }

    [Theory]
    [InlineData("""{"message":"x"}""", """{"error":"peer and message (or peer_name and prompt) are required"}""")]
    [InlineData("""{"peer":"beta"}""", """{"error":"peer and message (or peer_name and prompt) are required"}""")]
    [InlineData("""{"peer":"nobody","message":"x"}""", """{"error":"peer_ask failed: Unknown peer 'nobody'. Available: beta (unknown_peer)"}""")]
    [InlineData("""{"peer":"Alpha","message":"x"}""", """{"error":"You are 'alpha', this agent itself: name another one."}""")]
    public async Task P2_P3_what_fails_is_JSON_that_says_why(string arguments, string expected)
    {
        await using var pair = await PeerPair.StartAsync(Says("x"));

        var outcome = await ToolsOf(pair).CallAsync("peer_ask", JsonElement.Parse(arguments), Request(), CancellationToken.None);

        Assert.Equal((expected, true), (outcome.Text, outcome.IsError));
    }

    [Fact]
    public async Task P2_a_rate_and_a_circle_are_told_apart()
    {
        await using var pair = await PeerPair.StartAsync(Says("x"), ""","rate":1""");
        var ask = JsonElement.Parse("""{"peer":"beta","message":"x"}""");
        await ToolsOf(pair).CallAsync("peer_ask", ask, Request(), CancellationToken.None);

        var rate = await ToolsOf(pair).CallAsync("peer_ask", ask, Request(), CancellationToken.None);
        var circle = await ToolsOf(pair).CallAsync("peer_ask", ask, Request(hops: "0"), CancellationToken.None);

        Assert.Contains("(rate_limited)", rate.Text, StringComparison.Ordinal);
        Assert.Contains("Hop limit reached", circle.Text, StringComparison.Ordinal);
        Assert.Contains("(hop_exceeded)", circle.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P4_W5_budgets_of_questions_at_the_same_time_never_mix()
    {
        await using var pair = await PeerPair.StartAsync(DelegateResponder.OfText((request, _) => Task.FromResult(request.Meta["peer_hops"])), ""","rate":{"atOnce":64}""");
        var tools = ToolsOf(pair);
        var ask = JsonElement.Parse("""{"peer":"beta","message":"x"}""");

        var told = await Task.WhenAll(Enumerable.Range(1, 11).Select(hops => tools.CallAsync("peer_ask", ask, Request($"{hops}"), CancellationToken.None)));

        Assert.Equal(Enumerable.Range(0, 11).Select(left => $"{left}"), told.Select(outcome => outcome.Text));
    }

    [Fact]
    public async Task P5_an_answer_that_takes_longer_is_had_by_its_task()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var held = new HeldAnswer("late");
        await using var pair = await PeerPair.StartAsync(held.Responder, time: clock);

        var asking = ToolsOf(pair).CallAsync("peer_ask", JsonElement.Parse("""{"peer":"beta","message":"x"}"""), Request(), CancellationToken.None);
        await held.Asked;
        clock.Advance(_patience);
        var first = await asking;
        held.Release();
        var task = JsonDocument.Parse(first.Text).RootElement.GetProperty("task_id").GetString();
        var second = await ToolsOf(pair).CallAsync("peer_ask", JsonElement.Parse($$"""{"peer":"beta","task_id":"{{task}}"}"""), Request(), CancellationToken.None);

        Assert.Contains("(timeout)", first.Text, StringComparison.Ordinal);
        Assert.Equal("late", second.Text);
    }

    [Fact]
    public async Task P6_an_empty_answer_is_an_answer()
    {
        await using var pair = await PeerPair.StartAsync(Says(""));

        var outcome = await ToolsOf(pair).CallAsync("peer_ask", JsonElement.Parse("""{"peer":"beta","message":"x"}"""), Request(), CancellationToken.None);

        Assert.Equal(("", false), (outcome.Text, outcome.IsError));
    }

    [Fact]
    public async Task Through_MCP_the_words_are_a_block_of_their_own()
    {
        await using var pair = await PeerPair.StartAsync(Says("I'm awake.\n"));
        var host = new PeerMcpTool(pair.Tool(), new PeerCause(null, null), NullLogger.Instance);

        var answer = await host.CallAsync("peer_ask", new ToolArguments(JsonElement.Parse("""{"peer":"beta","message":"x"}""")), static _ => { }, CancellationToken.None);
        var refused = await host.CallAsync("peer_ask", new ToolArguments(JsonElement.Parse("""{"peer":"nobody","message":"x"}""")), static _ => { }, CancellationToken.None);

        Assert.Equal("I'm awake.\n", answer.Blocks[1]);
        Assert.Contains("data from that agent", answer.Blocks[0], StringComparison.Ordinal);
        Assert.True(refused.IsError);
    }

    private static PeerTools ToolsOf(PeerPair pair) => new(pair.Tool(), _patience);

    private static DelegateResponder Says(string text) => DelegateResponder.OfText((_, _) => Task.FromResult(text));

    private static ResponderRequest Request(string? hops = null) => new("m1", "local.person", "t1", MessageType.Text, new Body(Encoding.UTF8.GetBytes("ask")))
    {
        Meta = hops is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["peer_hops"] = hops },
    };
}
