using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Client.Responders;
using Parley.Hub;
using Parley.Hub.AgentApi;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.A2a;

namespace Parley.HubTests.A2a;

/// <summary>The method <c>message</c>, asked of real agents.</summary>
public sealed class SeedDoorTests : IAsyncLifetime
{
    private static readonly string _ask = """
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

    private readonly FakeAgentCards _cards = new();
    private HubFixture _hub = null!;
    private EnrolledAgent _agent = null!;
    private HttpClient _http = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await OpenAsync(_ => { });

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
    }

    [Theory]
    [InlineData("/a2a")]
    [InlineData("/")]
    [InlineData("/bob/a2a")]
    [InlineData("/acme.bob/a2a")]
    [InlineData("/agents/bob")]
    public async Task A_message_is_answered_with_content_and_metadata(string path)
    {
        ResponderRequest? seen = null;
        await ListenAsync((request, _) =>
        {
            seen = request;
            return AnswerAsync("Order #12345 shipped", new ResponderEvent.Usage("llama-4-scout", Tokens: 150));
        });

        var text = await PostAsync(path, _ask);

        Assert.Equal("""{"jsonrpc":"2.0","id":"req-001","result":{"content":"Order #12345 shipped","metadata":{"model":"llama-4-scout","tokens_used":150}}}""", text);
        Assert.Equal("What's the status of order #12345?", DelegateResponder.TextOf(seen!));
        Assert.Equal("user-123", seen!.Meta["user_id"]);
        Assert.Equal("acme.api", seen.From);
    }

    [Fact]
    public async Task What_the_agent_does_not_report_is_not_invented()
    {
        await ListenAsync((_, _) => AnswerAsync("hi"));

        var text = await PostAsync("/a2a", """{"jsonrpc":"2.0","method":"message","params":{"content":"hi"},"id":7}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":7,"result":{"content":"hi","metadata":{}}}""", text);
    }

    [Fact]
    public async Task Context_that_is_no_text_reaches_the_agent_as_JSON()
    {
        ResponderRequest? seen = null;
        await ListenAsync((request, _) =>
        {
            seen = request;
            return AnswerAsync("ok");
        });

        await PostAsync("/a2a", """{"jsonrpc":"2.0","method":"message","params":{"content":"hi","context":{"n":5,"list":[1,"a"],"deep":{"x":null},"flag":true}},"id":7}""");

        Assert.Equal("5", seen!.Meta["n"]);
        Assert.Equal("""[1,"a"]""", seen.Meta["list"]);
        Assert.Equal("""{"x":null}""", seen.Meta["deep"]);
        Assert.Equal("true", seen.Meta["flag"]);
    }

    [Theory]
    [InlineData("agent_id")]
    [InlineData("agent")]
    public async Task The_params_may_name_the_agent(string member)
    {
        _cards.Default = null;
        await ListenAsync((_, _) => AnswerAsync("here"));

        var named = await PostAsync("/a2a", $$"""{"jsonrpc":"2.0","method":"message","params":{"content":"hi","{{member}}":"bob"},"id":7}""");
        var unnamed = await PostAsync("/a2a", """{"jsonrpc":"2.0","method":"message","params":{"content":"hi"},"id":7}""");
        var other = await PostAsync("/bob/a2a", $$"""{"jsonrpc":"2.0","method":"message","params":{"content":"hi","{{member}}":"away"},"id":7}""");

        Assert.Contains("\"here\"", named, StringComparison.Ordinal);
        Assert.Equal(-32001, CodeOf(unnamed));
        Assert.Equal(-32602, CodeOf(other));
    }

    [Theory]
    [InlineData("/a2a/stream")]
    [InlineData("/bob/a2a/stream")]
    public async Task A_stream_tells_deltas_and_then_the_whole(string path)
    {
        await ListenAsync((_, _) => DeltasAsync("Quantum ", "computing €"));

        using var response = await SendAsync(path, """{"jsonrpc":"2.0","method":"message","params":{"content":"Explain quantum computing"},"id":"req-002"}""");
        var text = await response.Content.ReadAsStringAsync(Stop);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            """
            data: {"jsonrpc":"2.0","id":"req-002","result":{"delta":{"content":"Quantum "}}}

            data: {"jsonrpc":"2.0","id":"req-002","result":{"delta":{"content":"computing €"}}}

            data: {"jsonrpc":"2.0","id":"req-002","result":{"content":"Quantum computing €","metadata":{"model":"m"}}}


            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public async Task Deltas_come_while_the_agent_still_works()
    {
        var goOn = new TaskCompletionSource();
        await ListenAsync((_, _) => TwoStepsAsync(goOn.Task));

        using var response = await SendAsync("/a2a/stream", _ask);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        var first = await reader.ReadLineAsync(Stop).AsTask().WaitAsync(Deadline.Shared, Stop);
        goOn.SetResult();
        var rest = await reader.ReadToEndAsync(Stop);

        Assert.Contains("\"one\"", first, StringComparison.Ordinal);
        Assert.Contains("\"two\"", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_an_agent_that_fails_ends_with_an_error()
    {
        await ListenAsync((_, _) => FailAsync());

        using var response = await SendAsync("/a2a/stream", _ask);
        var text = await response.Content.ReadAsStringAsync(Stop);

        Assert.Contains("\"delta\":{\"content\":\"half\"}", text, StringComparison.Ordinal);
        Assert.Contains("data: {\"jsonrpc\":\"2.0\",\"id\":\"req-001\",\"error\":{\"code\":-32603,\"message\":\"It broke.\"", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_fails_is_an_error_and_no_answer()
    {
        await ListenAsync((_, _) => ExitAsync(3));

        var text = await PostAsync("/a2a", _ask);

        Assert.Equal(-32603, CodeOf(text));
        Assert.Contains("exit code 3", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_of_the_agent_is_an_answer_that_says_so()
    {
        await ListenAsync((_, _) => QuestionAsync());

        var text = await PostAsync("/a2a", _ask);

        Assert.Contains("\"content\":\"Which order?\",\"metadata\":{\"state\":\"input-required\"}", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/away/a2a")]
    [InlineData("/away/a2a/stream")]
    public async Task An_agent_that_is_away_is_an_error_after_the_wait(string path)
    {
        await DisposeAsync();
        await OpenAsync(options => options.Doors.MessageWait = TimeSpan.FromSeconds(2));
        await _hub.EnrolAsync("away");
        var started = TimeProvider.System.GetTimestamp();

        using var response = await SendAsync(path, _ask);
        var text = await response.Content.ReadAsStringAsync(Stop);

        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(-32000, CodeOf(text));
        Assert.Contains("AGENT_OFFLINE", text, StringComparison.Ordinal);
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_agent_that_comes_back_during_the_wait_answers()
    {
        var asking = PostAsync("/a2a", _ask);
        await ListenAsync((_, _) => AnswerAsync("late"));

        Assert.Contains("\"late\"", await asking, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_goes_away_does_not_stop_the_agent_and_leaves_nothing_behind()
    {
        var (began, goOn, ended) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await ListenAsync((_, cancellationToken) => SlowAsync(began, goOn.Task, ended, cancellationToken));
        using var going = new CancellationTokenSource();
        var asking = _http.PostAsync("/a2a", Json(_ask), going.Token);
        await began.Task.WaitAsync(Deadline.Shared, Stop);

        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Deadline.UntilAsync(() => _hub.Get<AgentCaller>().Count == 0, "the call to be forgotten");
        goOn.SetResult();

        await ended.Task.WaitAsync(Deadline.Shared, Stop);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"message","params":{},"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"message","params":{"content":5},"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"message","params":{"content":"x","context":"y"},"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"message","params":{"content":"x","agent_id":7},"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"message","params":{"content":"x","agent_id":"bob","agent":"away"},"id":1}""")]
    public async Task Params_that_are_none_of_the_dialect_are_refused(string body)
    {
        Assert.Equal(-32602, CodeOf(await PostAsync("/a2a", body)));
    }

    [Theory]
    [InlineData("/nobody/a2a")]
    [InlineData("/umbrella.bob/a2a")]
    public async Task Unknown_and_foreign_agents_answer_alike(string path)
    {
        _cards.Add(new AgentAddress("umbrella", "bob"));

        var text = await PostAsync(path, _ask);

        Assert.Equal(await PostAsync("/never-seen/a2a", _ask), text);
        Assert.Equal(-32001, CodeOf(text));
    }

    [Fact]
    public async Task Without_a_key_the_dialect_is_refused_with_a_challenge()
    {
        using var response = await new HttpClient { BaseAddress = _hub.Hub.Http }.PostAsync("/a2a", Json(_ask), Stop);

        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal(-32600, CodeOf(await response.Content.ReadAsStringAsync(Stop)));
    }

    private async Task OpenAsync(Action<HubOptions> configure)
    {
        var parts = new HubParts(null, null) { Compose = services => services.RemoveAll<IAgentCards>().AddSingleton<IAgentCards>(_cards) };
        _hub = await HubFixture.StartNodeAsync(null, parts, configure);
        _agent = await _hub.EnrolAsync("bob");
        _cards.Add(_agent.Address);
        _cards.Add(new AgentAddress("acme", "away"));
        _cards.Default = _agent.Address;
        var (_, secret) = await _hub.Get<ApiKeys>().CreateAsync("acme", ApiScopes.Messages, null, "test", Stop);
        _http = new HttpClient { BaseAddress = _hub.Hub.Http };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }

    private static int CodeOf(string text) => JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("code").GetInt32();

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async IAsyncEnumerable<ResponderEvent> AnswerAsync(string text, params ResponderEvent[] more)
    {
        await Task.Yield();
        foreach (var one in more)
        {
            yield return one;
        }

        yield return new ResponderEvent.Text(text, IsDelta: false);
    }

    private static async IAsyncEnumerable<ResponderEvent> DeltasAsync(params string[] texts)
    {
        yield return new ResponderEvent.Usage("m");
        foreach (var text in texts)
        {
            await Task.Yield();
            yield return new ResponderEvent.Text(text, IsDelta: true);
        }
    }

    private static async IAsyncEnumerable<ResponderEvent> TwoStepsAsync(Task between)
    {
        yield return new ResponderEvent.Text("one", IsDelta: true);
        await between;
        yield return new ResponderEvent.Text("two", IsDelta: true);
    }

    private static async IAsyncEnumerable<ResponderEvent> FailAsync()
    {
        yield return new ResponderEvent.Text("half", IsDelta: true);
        await Task.Yield();
        yield return new ResponderEvent.Failed(ErrorCode.ResponderFailed, "It broke.");
    }

    private static async IAsyncEnumerable<ResponderEvent> ExitAsync(int code)
    {
        await Task.Yield();
        yield return new ResponderEvent.Completed(code);
    }

    private static async IAsyncEnumerable<ResponderEvent> QuestionAsync()
    {
        await Task.Yield();
        yield return new ResponderEvent.Status(ResponderState.InputRequired, "Which order?");
    }

    private static async IAsyncEnumerable<ResponderEvent> SlowAsync(
        TaskCompletionSource began, Task goOn, TaskCompletionSource ended, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        began.TrySetResult();
        await goOn.WaitAsync(cancellationToken);
        yield return new ResponderEvent.Text("done", IsDelta: false);
        ended.TrySetResult();
    }

    private Task<HttpResponseMessage> SendAsync(string path, string body) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) }, HttpCompletionOption.ResponseHeadersRead, Stop);

    private async Task<string> PostAsync(string path, string body)
    {
        using var response = await SendAsync(path, body);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private Task<TestListener> ListenAsync(Func<ResponderRequest, CancellationToken, IAsyncEnumerable<ResponderEvent>> answer) =>
        _hub.ConnectListenerAsync(_agent, new DelegateResponder(answer), new ListenSetup(), Stop);
}
