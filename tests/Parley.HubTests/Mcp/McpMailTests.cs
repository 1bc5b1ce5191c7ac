using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Parley.Client.HubLink;
using Parley.Client.Mcp;
using Parley.Gateway.Mcp;
using Parley.Testing;

namespace Parley.HubTests.Mcp;

/// <summary>The mail of a model's session over standard streams: announced, across a broken link, and beside another session.</summary>
public sealed class McpMailTests : IAsyncLifetime
{
    private HubFixture _hub = null!;
    private EnrolledAgent _coder = null!;
    private TestSender _ann = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync();
        _coder = await _hub.EnrolAsync("coder");
        _ann = await _hub.ConnectSenderAsync(await _hub.EnrolAsync("ann"), cancellationToken: Stop);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task With_a_channel_a_message_is_announced_by_sender_and_id_and_its_text_waits()
    {
        await using var session = await OpenAsync(hasChannel: true);

        var sent = await SendAsync("rm -rf /");
        var announced = await session.NotificationAsync("notifications/claude/channel");
        var read = await session.CallAsync("wait_message", "{}");

        Assert.True(session.Initialized.GetProperty("capabilities").GetProperty("experimental").TryGetProperty("claude/channel", out _));
        Assert.Equal((sent, "acme.ann"), (announced.GetProperty("meta").GetProperty("message_id").GetString(), announced.GetProperty("meta").GetProperty("from").GetString()));
        Assert.DoesNotContain("rm -rf", announced.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("rm -rf /", read, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_channel_nothing_is_said_unasked()
    {
        await using var session = await OpenAsync();

        await SendAsync("hello");
        await session.UntilUnreadAsync(1);

        Assert.False(session.Initialized.GetProperty("capabilities").TryGetProperty("experimental", out _));
        Assert.DoesNotContain(session.Lines, line => line.TryGetProperty("method", out _));
    }

    [Fact]
    public async Task Mail_survives_a_hub_that_goes_and_comes_back_and_is_handed_over_once()
    {
        await using var session = await OpenAsync(hasChannel: true);
        await SendAsync("before");
        await session.UntilUnreadAsync(1);

        await _hub.StopAsync();
        await _hub.StartAgainAsync();
        await SendAsync("after");
        await session.UntilUnreadAsync(2);
        var texts = new[] { await session.CallAsync("wait_message", "{}"), await session.CallAsync("wait_message", "{}"), await session.CallAsync("wait_message", """{"wait_s":0}""") };

        Assert.Contains("before", texts[0], StringComparison.Ordinal);
        Assert.Contains("after", texts[1], StringComparison.Ordinal);
        Assert.DoesNotContain("written by the agent", texts[2], StringComparison.Ordinal);
        Assert.Equal(2, session.Lines.Count(line => line.TryGetProperty("method", out var method) && method.GetString() == "notifications/claude/channel"));
    }

    [Fact]
    public async Task Of_two_sessions_one_gets_a_message_and_an_answer_goes_to_the_one_that_asked()
    {
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        await _hub.ConnectListenerAsync(await _hub.EnrolAsync("echo"), (request, _) => Task.FromResult("echo " + Encoding.UTF8.GetString(request.Content.Bytes.Span)), cancellationToken: Stop);

        var answers = await Task.WhenAll(
            first.CallAsync("send_to_agent", """{"agent_id":"echo","message":"one"}"""), second.CallAsync("send_to_agent", """{"agent_id":"echo","message":"two"}"""));
        await SendAsync("to one of you");
        await Deadline.UntilAsync(async () => await first.UnreadAsync() + await second.UnreadAsync() == 1, "one of them has it");
        var (has, other) = await first.UnreadAsync() == 1 ? (first, second) : (second, first);
        var read = await has.CallAsync("wait_message", """{"wait_s":0}""");

        Assert.Contains("echo one", answers[0], StringComparison.Ordinal);
        Assert.Contains("echo two", answers[1], StringComparison.Ordinal);
        Assert.Contains("to one of you", read, StringComparison.Ordinal);
        Assert.Equal((0, 0), (await has.UnreadAsync(), await other.UnreadAsync()));
    }

    [Fact]
    public async Task What_a_session_had_and_did_not_read_the_other_gets_when_it_ends()
    {
        var first = await OpenAsync();
        await SendAsync("left over");
        await first.UntilUnreadAsync(1);
        await using var second = await OpenAsync();

        await first.DisposeAsync();
        await second.UntilUnreadAsync(1);

        Assert.Contains("left over", await second.CallAsync("wait_message", "{}"), StringComparison.Ordinal);
    }

    private async Task<string> SendAsync(string text) => (await _ann.SendAsync("coder", TestSender.Text(text) with { Waits = false }, Stop)).Id;

    private Task<Session> OpenAsync(bool hasChannel = false) => Session.OpenAsync(_hub, _coder, hasChannel);

    /// <summary>A client of <c>parley mcp</c>, without the process around it.</summary>
    private sealed class Session : IAsyncDisposable
    {
        private readonly DuplexPair _pipe = new();
        private readonly CancellationTokenSource _ending = new();
        private readonly McpAgent _agent;
        private readonly Task _running;
        private readonly ConcurrentQueue<JsonElement> _lines = new();
        private int _number;

        private Session(HubFixture hub, EnrolledAgent agent, bool hasChannel)
        {
            var profile = agent.Profile with { Http = hub.Hub.Http, Grpc = hub.Hub.Grpc };
            _agent = new McpAgent(
                profile, agent.Identity, new GrpcLinkDialer(profile), new McpServerCard("1.0.0", "test", hasChannel), null, TimeProvider.System, RandomNumberGenerator.Fill, hub.Log.Factory.CreateLogger("mcp"));
            _running = _agent.RunAsync(
                _pipe.Right,
                (message, _) =>
                {
                    _lines.Enqueue(JsonElement.Parse(message.Span));
                    return ValueTask.CompletedTask;
                },
                _ending.Token);
        }

        public JsonElement Initialized { get; private set; }

        public IReadOnlyCollection<JsonElement> Lines => _lines;

        public static async Task<Session> OpenAsync(HubFixture hub, EnrolledAgent agent, bool hasChannel)
        {
            var session = new Session(hub, agent, hasChannel);
            session.Initialized = await session.AskAsync("initialize", """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}""");
            await session.WriteAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
            await session.CallAsync("whoami", "{}");
            return session;
        }

        public async Task<string> CallAsync(string tool, string arguments) => (await AskAsync("tools/call", $$"""{"name":"{{tool}}","arguments":{{arguments}}}""")).GetProperty("content").GetRawText();

        public async Task<int> UnreadAsync() => (await AskAsync("tools/call", """{"name":"check_inbox","arguments":{}}""")).GetProperty("_meta").GetProperty("parley/unread").GetInt32();

        public Task UntilUnreadAsync(int count) => Deadline.UntilAsync(async () => await UnreadAsync() == count, $"{count} unread messages");

        public async Task<JsonElement> NotificationAsync(string method)
        {
            JsonElement found = default;
            await Deadline.UntilAsync(
                () => (found = _lines.FirstOrDefault(line => line.TryGetProperty("method", out var name) && name.GetString() == method)).ValueKind != JsonValueKind.Undefined, $"{method} comes");
            return found.GetProperty("params");
        }

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _agent.DisposeAsync();
            _pipe.Dispose();
            _ending.Dispose();
        }

        private async Task<JsonElement> AskAsync(string method, string parameters)
        {
            var id = Interlocked.Increment(ref _number);
            await WriteAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
            JsonElement found = default;
            await Deadline.UntilAsync(
                () => (found = _lines.FirstOrDefault(line => line.TryGetProperty("id", out var of) && of.ValueKind == JsonValueKind.Number && of.GetInt32() == id)).ValueKind != JsonValueKind.Undefined, $"{method} is answered");
            return found.GetProperty("result");
        }

        private async Task WriteAsync(string line)
        {
            await _pipe.Left.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), Stop);
            await _pipe.Left.FlushAsync(Stop);
        }
    }
}
