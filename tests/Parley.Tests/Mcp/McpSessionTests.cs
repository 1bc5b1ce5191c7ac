using System.Text;
using System.Text.Json;
using Parley.Client.Responders.Mcp;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;

namespace Parley.Tests.Mcp;

public sealed class McpSessionTests
{
    [Fact]
    public async Task An_unknown_version_is_refused()
    {
        await using var session = Session(new Script { Version = "1999-01-01" });

        await Assert.ThrowsAsync<ParleyException>(() => session.OpenAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Tools_are_asked_for_once_and_again_when_they_changed()
    {
        var script = new Script();
        await using var session = await OpenAsync(script);
        await session.ListToolsAsync(CancellationToken.None);
        await session.ListToolsAsync(CancellationToken.None);
        var before = script.Count("tools/list");

        script.Say("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
        await session.ListToolsAsync(CancellationToken.None);

        Assert.Equal((1, 2), (before, script.Count("tools/list")));
    }

    [Fact]
    public async Task A_server_s_ping_is_answered_and_everything_else_it_asks_is_refused()
    {
        var script = new Script();
        await using var session = await OpenAsync(script);

        script.Say("""{"jsonrpc":"2.0","id":"p","method":"ping"}""");
        script.Say("""{"jsonrpc":"2.0","id":9,"method":"sampling/createMessage","params":{}}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":"p","result":{}}""", script.Sent[^2]);
        Assert.StartsWith("""{"jsonrpc":"2.0","id":9,"error":{"code":-32601""", script.Sent[^1]);
    }

    [Fact]
    public async Task A_call_that_is_given_up_is_cancelled_at_the_server()
    {
        var script = new Script();
        await using var session = await OpenAsync(script);
        using var patience = new CancellationTokenSource();

        var call = session.CallAsync("silent", JsonDocument.Parse("{}").RootElement, patience.Token);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Contains("\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2", script.Sent[^1]);
    }

    [Fact]
    public async Task A_server_that_ends_fails_what_waits_for_it()
    {
        var script = new Script();
        await using var session = await OpenAsync(script);
        var call = session.CallAsync("silent", JsonDocument.Parse("{}").RootElement, CancellationToken.None);

        script.End();

        await Assert.ThrowsAsync<ParleyException>(() => call);
        Assert.True(session.HasEnded);
    }

    [Fact]
    public async Task An_error_of_the_server_is_a_refusal()
    {
        await using var session = await OpenAsync(new Script());

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => session.CallAsync("error", JsonDocument.Parse("{}").RootElement, CancellationToken.None));

        Assert.Equal("The MCP server refused: bad", refusal.Message);
    }

    private static McpSession Session(Script script) => new(script, "1", TimeProvider.System);

    private static async Task<McpSession> OpenAsync(Script script)
    {
        var session = Session(script);
        await session.OpenAsync(CancellationToken.None);
        return session;
    }

    /// <summary>A server that answers at once, but for the tool called silent.</summary>
    private sealed class Script : IMcpTransport
    {
        private Action<ReadOnlyMemory<byte>> _onMessage = _ => { };
        private Action _onEnd = () => { };

        public string Version { get; init; } = McpMessages.Version;

        public List<string> Sent { get; } = [];

        public bool AnswersWithinSend => false;

        public void Start(Action<ReadOnlyMemory<byte>> onMessage, Action onEnd) => (_onMessage, _onEnd) = (onMessage, onEnd);

        public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            Sent.Add(Encoding.UTF8.GetString(message.Span));
            using var json = JsonDocument.Parse(message);
            var root = json.RootElement;
            if (root.TryGetProperty("method", out var method) && root.TryGetProperty("id", out var id) && AnswerTo(method.GetString()!, root.GetProperty("params")) is { } answer)
            {
                Say($$"""{"jsonrpc":"2.0","id":{{id.GetRawText()}},{{answer}}}""");
            }

            return Task.CompletedTask;
        }

        public void Agree(string version)
        {
        }

        public void Say(string message) => _onMessage(Encoding.UTF8.GetBytes(message));

        public void End() => _onEnd();

        public int Count(string method) => Sent.Count(message => message.Contains($"\"method\":\"{method}\"", StringComparison.Ordinal));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private string? AnswerTo(string method, JsonElement parameters) => method switch
        {
            "initialize" => $$"""
                "result": { "protocolVersion": "{{Version}}", "capabilities": { } }
                """,
            "tools/list" => """
                "result":{"tools":[{"name":"a"}]}
                """,
            _ when parameters.GetProperty("name").GetString() == "error" => """
                "error":{"code":1,"message":"bad"}
                """,
            _ => null,
        };
    }
}
