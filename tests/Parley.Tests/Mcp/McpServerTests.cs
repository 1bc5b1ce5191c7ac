using System.Text;
using System.Text.Json;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Mcp;

public sealed class McpServerTests
{
    private readonly FakeHost _host = new();
    private readonly List<string> _sent = [];
    private readonly McpServer _server;

    public McpServerTests() => _server = new McpServer(new McpServerCard("1.2.3", "be kind"), _host);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("2024-11-05", "2025-11-25")]
    [InlineData("2099-01-01", "2025-11-25")]
    public async Task The_version_is_the_client_s_where_it_is_spoken_else_the_newest(string wanted, string expected)
    {
        await SendAsync($$$$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{{{wanted}}}}","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""");

        var result = Result();
        Assert.Equal((expected, "parley", "1.2.3", "be kind"), (Text(result, "protocolVersion"), Text(result.GetProperty("serverInfo"), "name"), Text(result.GetProperty("serverInfo"), "version"), Text(result, "instructions")));
        Assert.Equal("""{"tools":{}}""", result.GetProperty("capabilities").GetRawText());
    }

    [Fact]
    public async Task A_ping_is_answered_under_its_own_id()
    {
        await SendAsync("""{"jsonrpc":"2.0","id":"a\"b","method":"ping"}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":"a\u0022b","result":{}}""", _sent.Single());
    }

    [Fact]
    public async Task Tools_bear_schemas_and_hints()
    {
        await SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");

        var tools = Result().GetProperty("tools").EnumerateArray().ToDictionary(tool => Text(tool, "name"));
        Assert.Equal(AgentToolSchemas.All.Select(tool => tool.Name), tools.Keys);
        Assert.Equal("""["agent_id","message"]""", tools["send_to_agent"].GetProperty("inputSchema").GetProperty("required").GetRawText());
        Assert.Equal((false, true), (IsReadOnly(tools["send_to_agent"]), IsReadOnly(tools["wait_message"])));
    }

    [Fact]
    public async Task A_result_has_its_blocks_and_what_is_unread_and_settles_when_it_was_sent()
    {
        await SendAsync(Call(1, "whoami", "{}"));

        var result = Result();
        Assert.Equal(["said", "Unread messages: 2."], result.GetProperty("content").EnumerateArray().Select(block => Text(block, "text")));
        Assert.Equal(2, result.GetProperty("_meta").GetProperty("parley/unread").GetInt32());
        Assert.Equal([true], _host.Settled);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_sent_is_not_handed_over()
    {
        var call = _server.HandleAsync(McpIncoming.Read(Encoding.UTF8.GetBytes(Call(1, "whoami", "{}"))), (_, _) => throw new IOException("gone"), Stop);

        await Assert.ThrowsAsync<IOException>(() => call);
        Assert.Equal([false], _host.Settled);
    }

    [Fact]
    public async Task A_refusal_is_a_result_that_the_model_reads()
    {
        _host.Answer = (_, _) => throw new ParleyException(ErrorCode.AgentOffline, "It is away.");

        await SendAsync(Call(1, "whoami", "{}"));

        Assert.True(Result().GetProperty("isError").GetBoolean());
        Assert.Equal("agent.offline: It is away.", Text(Result().GetProperty("content")[0], "text"));
    }

    [Fact]
    public async Task A_defect_is_told_to_the_log_and_not_to_the_client()
    {
        _host.Answer = (_, _) => throw new InvalidOperationException("secret");

        await SendAsync(Call(1, "whoami", "{}"));

        Assert.DoesNotContain("secret", _sent.Single(), StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(_host.Defect);
    }

    [Fact]
    public async Task A_call_that_was_cancelled_ends_without_an_answer()
    {
        _host.Answer = async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return _host.Said();
        };
        var call = SendAsync(Call(7, "whoami", "{}"));

        await SendAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}""");
        await call.WaitAsync(Deadline.Shared, TimeProvider.System, Stop);

        Assert.Empty(_sent);
    }

    [Fact]
    public async Task Progress_goes_out_under_the_client_s_token()
    {
        _host.Answer = (progress, _) =>
        {
            progress("held");
            return Task.FromResult(_host.Said());
        };

        await SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","_meta":{"progressToken":"t"}}}""");

        Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1,"message":"held"}}""", _sent[0]);
    }

    [Theory]
    [InlineData("{", -32700, "null")]
    [InlineData("5", -32600, "null")]
    [InlineData("""{"id":1,"method":"ping"}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ping"}""", -32600, "null")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"ping"}""", -32600, "null")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/list"}""", -32601, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize"}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nothing"}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":7}}""", -32602, "1")]
    public async Task What_cannot_be_served_has_an_error_of_JSON_RPC(string message, int code, string id)
    {
        await SendAsync(message);

        var answer = JsonElement.Parse(_sent.Single());
        Assert.Equal((code, id), (answer.GetProperty("error").GetProperty("code").GetInt32(), answer.GetProperty("id").GetRawText()));
    }

    [Fact]
    public async Task Batches_belong_to_the_version_that_has_them()
    {
        const string Batch = """[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]""";
        await SendAsync("""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}""");
        await SendAsync(Batch);
        var answered = _sent.Count;

        await SendAsync("""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}""");
        await SendAsync(Batch);

        Assert.Equal(3, answered);
        Assert.Contains("-32600", _sent[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_comes_each_request_has_one_answer_that_is_JSON()
    {
        byte[][] good =
        [
            Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}"""),
            Encoding.UTF8.GetBytes("""[{"jsonrpc":"2.0","id":"é\u0000","method":"tools/list"},{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x"}}]"""),
            Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":-3,"method":"tools/call","params":{"name":"send_to_agent","arguments":{"agent_id":"a","message":"\ud83d\ude00","wait_s":1e99},"_meta":{"progressToken":5}}}"""),
        ];
        _host.Answer = (progress, _) =>
        {
            progress("at work");
            return Task.FromResult(_host.Said());
        };

        Fuzz.Run(8101, Fuzz.Count, random => random.Next(10) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, good[random.Next(good.Length)]), input =>
        {
            var sent = new List<string>();
            var messages = McpIncoming.Read(input);
            _server.HandleAsync(messages, (message, _) => Keep(sent, message), CancellationToken.None).GetAwaiter().GetResult();

            var answers = sent.Select(text => JsonElement.Parse(text)).Count(message => message.TryGetProperty("id", out _));
            var owed = messages.Count(message => message.IsRequest);
            Assert.True(answers == owed || (messages.Count > 1 && answers == 1), $"{answers} answers to {owed} requests");
        });
    }

    [Fact]
    public void Whatever_a_model_gives_as_arguments_is_a_value_or_a_refusal()
    {
        var good = Encoding.UTF8.GetBytes("""{"agent_id":"a\ud800b","message":null,"wait_s":-7.5}""");

        Fuzz.Run(8102, Fuzz.Count, random => Fuzz.Mutate(random, good), input =>
        {
            try
            {
                var arguments = new ToolArguments(JsonElement.Parse(input));
                Assert.InRange(arguments.Wait, TimeSpan.Zero, TimeSpan.FromSeconds(45));
                arguments.Optional("message");
                arguments.Required("agent_id");
            }
            catch (Exception exception) when (exception is JsonException or ParleyException)
            {
            }
        });
    }

    private async Task SendAsync(string message) =>
        await _server.HandleAsync(McpIncoming.Read(Encoding.UTF8.GetBytes(message)), (answer, _) => Keep(_sent, answer), Stop);

    private static ValueTask Keep(List<string> sent, ReadOnlyMemory<byte> message)
    {
        lock (sent)
        {
            sent.Add(Encoding.UTF8.GetString(message.Span));
        }

        return ValueTask.CompletedTask;
    }

    private JsonElement Result() => JsonElement.Parse(_sent[^1]).GetProperty("result");

    private static string Call(int id, string tool, string arguments) => $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static bool IsReadOnly(JsonElement tool) => tool.GetProperty("annotations").GetProperty("readOnlyHint").GetBoolean();

    private sealed class FakeHost : IAgentToolHost
    {
        public FakeHost() => Answer = (_, _) => Task.FromResult(Said());

        public IReadOnlyList<AgentTool> Tools => AgentToolSchemas.All;

        public int Unread => 2;

        public List<bool> Settled { get; } = [];

        public Exception? Defect { get; private set; }

        public Func<Action<string>, CancellationToken, Task<AgentToolAnswer>> Answer { get; set; }

        public AgentToolAnswer Said() => new(["said"], 2) { Settled = Settled.Add };

        public Task<AgentToolAnswer> CallAsync(string tool, ToolArguments arguments, Action<string> progress, CancellationToken cancellationToken) => Answer(progress, cancellationToken);

        public void OnDefect(Exception exception) => Defect = exception;
    }
}
