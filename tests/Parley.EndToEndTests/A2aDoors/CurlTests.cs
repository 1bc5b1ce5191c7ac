using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.A2aDoors;

/// <summary>The calls that the dialect's own page shows, sent with curl: word for word but for host and key.</summary>
public sealed class CurlTests
{
    private const string Message = """
        {
          "jsonrpc": "2.0",
          "method": "message",
          "params": {
            "content": "What's the status of order #12345?",
            "context": {
              "user_id": "user-123"
            }
          },
          "id": "req-001"
        }
        """;

    private const string Stream = """
        {
          "jsonrpc": "2.0",
          "method": "message",
          "params": {
            "content": "Explain quantum computing"
          },
          "id": "req-002"
        }
        """;

    [Fact]
    public async Task A_message_is_answered_under_its_id()
    {
        await using var site = await A2aSite.OfProgramAsync("read q; echo \"$q: shipped for $PARLEY_CONTEXT\"");

        var answer = await CurlAsync(site, "/a2a", Message);

        var root = JsonDocument.Parse(answer).RootElement;
        Assert.Equal("2.0", root.GetProperty("jsonrpc").GetString());
        Assert.Equal("req-001", root.GetProperty("id").GetString());
        Assert.Contains("order #12345", root.GetProperty("result").GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Contains("user-123", root.GetProperty("result").GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, root.GetProperty("result").GetProperty("metadata").ValueKind);
    }

    [Fact]
    public async Task A_stream_comes_in_deltas()
    {
        await using var site = await A2aSite.OfProgramAsync("echo one; sleep 0.2; echo two");

        var answer = await CurlAsync(site, "/a2a/stream", Stream);

        var events = answer.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line[6..]).RootElement.GetProperty("result")).ToList();
        Assert.True(events.Count >= 3, answer);
        Assert.Equal("one\ntwo\n", string.Concat(events.SkipLast(1).Select(one => one.GetProperty("delta").GetProperty("content").GetString())));
        Assert.Equal("one\ntwo\n", events[^1].GetProperty("content").GetString());
    }

    [Fact]
    public async Task The_agents_card_says_where_it_is()
    {
        await using var site = await A2aSite.StartAsync("--exec", "cat");

        var card = JsonDocument.Parse(await CurlAsync(site, "/support/.well-known/agent.json", null)).RootElement;
        var url = new Uri(card.GetProperty("url").GetString()!);
        var answer = await CurlAsync(site, url.AbsolutePath, Message);

        Assert.Contains("What's the status of order #12345?", answer, StringComparison.Ordinal);
    }

    // The key goes in by a file of options on standard input, so that it is in no list of processes.
    private static async Task<string> CurlAsync(A2aSite site, string path, string? body)
    {
        string[] arguments = ["-sS", "-N", "--max-time", "30", "-K", "-", site.Http + path];
        var outcome = await RealProcess.RunAsync(
            Requires.Program("curl"), body is null ? arguments : [.. arguments, "-X", "POST", "-H", "Content-Type: application/json", "-d", body], $"header = \"Authorization: Bearer {site.Key}\"\n");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Output;
    }
}
