using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Client.Responders;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.HubTests.OpenAi;

public sealed class OpenAiRefusalTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";
    private const string Hello = """{"model":"agent","messages":[{"role":"user","content":"Hello!"}]}""";

    private OpenAiSite _site = null!;

    public async ValueTask InitializeAsync() => _site = await OpenAiSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("""{"messages":[]""", 400, "json.invalid", null)]
    [InlineData("""[]""", 400, "invalid_argument", null)]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", 400, "invalid_argument", "model")]
    [InlineData("""{"model":"agent"}""", 400, "invalid_argument", "messages")]
    [InlineData("""{"model":"agent","messages":[]}""", 400, "invalid_argument", "messages")]
    [InlineData("""{"model":"agent","messages":[{"role":"king","content":"x"}]}""", 400, "invalid_argument", "messages[0].role")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":7}]}""", 400, "invalid_argument", "messages[0].content")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":[{"type":"smell"}]}]}""", 400, "invalid_argument", "messages[0].content[0].type")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""", 400, "invalid_argument", "messages[0].content[0].image_url.url")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"}]}""", 400, "invalid_argument", "messages")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":"x"}],"n":2}""", 400, "unsupported_parameter", "n")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":"x"}],"logprobs":true}""", 400, "unsupported_parameter", "logprobs")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}]}""", 400, "unsupported_parameter", "tools")]
    [InlineData("""{"model":"agent","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}""", 400, "unsupported_parameter", "messages[0].content[0].file.file_id")]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"x"}]}""", 404, "model_not_found", "model")]
    [InlineData("""{"model":"acme.nobody","messages":[{"role":"user","content":"x"}]}""", 404, "model_not_found", "model")]
    public async Task A_bad_request_is_told_what_is_wrong_with_it(string body, int status, string code, string? param)
    {
        using var response = await _site.PostAsync(Path, body);

        await AssertRefusedAsync(response, status, "invalid_request_error", code, param);
    }

    [Fact]
    public async Task Callers_without_a_good_key_are_refused_in_the_same_form_on_every_route()
    {
        using var guest = _site.ClientWith(null);
        using var stranger = _site.ClientWith("pk_nothing");
        using var narrow = _site.ClientWith(await _site.MakeKeyAsync("acme", ApiScopes.Events));

        foreach (var path in new[] { Path, "/v1/responses" })
        {
            using var missing = await _site.PostAsync(path, Hello, guest);
            using var unknown = await _site.PostAsync(path, Hello, stranger);
            using var short_ = await _site.PostAsync(path, Hello, narrow);
            await AssertRefusedAsync(missing, 401, "authentication_error", "invalid_api_key", null);
            await AssertRefusedAsync(unknown, 401, "authentication_error", "invalid_api_key", null);
            await AssertRefusedAsync(short_, 403, "permission_error", "permission_denied", null);
        }

        foreach (var path in new[] { "/v1/models", "/v1/models/agent", "/v1/responses/resp_1", "/v1/nothing" })
        {
            using var missing = await guest.GetAsync(path, TestContext.Current.CancellationToken);
            await AssertRefusedAsync(missing, 401, "authentication_error", "invalid_api_key", null);
        }
    }

    [Theory]
    [InlineData("GET", "/v1/embeddings")]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("PUT", "/v1/models")]
    public async Task What_is_not_there_is_not_found_in_the_same_form(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await _site.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await AssertRefusedAsync(response, 404, "invalid_request_error", "not_found", null);
    }

    [Fact]
    public async Task An_agent_that_is_offline_is_said_to_be_at_once_and_gets_nothing_later()
    {
        using var response = await _site.PostAsync(Path, Hello);
        var seen = 0;
        await _site.AnswerAsync(_ => $"{++seen}");

        await AssertRefusedAsync(response, 503, "server_error", "agent.offline", null);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
        Assert.Equal("1", (await _site.AskAsync(Path, Hello)).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Another_owners_agent_does_not_exist()
    {
        using var other = _site.ClientWith(await _site.MakeKeyAsync("other"));

        using var response = await _site.PostAsync(Path, Hello.Replace("agent", "acme.bob", StringComparison.Ordinal), other);

        await AssertRefusedAsync(response, 404, "invalid_request_error", "model_not_found", "model");
    }

    [Theory]
    [InlineData(ErrorCode.ResponderFailed, 502, "server_error", "responder.failed")]
    [InlineData(ErrorCode.ResponderTimeout, 504, "server_error", "responder.timeout")]
    [InlineData(ErrorCode.ResponderNotAllowed, 403, "permission_error", "responder.not_allowed")]
    [InlineData(ErrorCode.Unauthenticated, 502, "server_error", "responder.failed")]
    [InlineData(ErrorCode.Conflict, 502, "server_error", "responder.failed")]
    [InlineData(ErrorCode.Unavailable, 503, "server_error", "unavailable")]
    public async Task An_agents_failure_is_told_and_never_looks_like_the_hubs_own(ErrorCode code, int status, string type, string wire)
    {
        await _site.RespondAsync((_, _) => FailAsync(new ResponderEvent.Failed(code, "No.")));

        using var response = await _site.PostAsync(Path, Hello);

        await AssertRefusedAsync(response, status, type, wire, null);
        Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
    }

    [Fact]
    public async Task A_program_that_ended_badly_is_no_answer()
    {
        await _site.RespondAsync((_, _) => FailAsync(new ResponderEvent.Completed(3)));

        using var response = await _site.PostAsync(Path, Hello);

        await AssertRefusedAsync(response, 502, "server_error", "responder.failed", null);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        await using var small = await OpenAiSite.StartAsync(options => options.Conversations.MaxRequestBytes = 64 * 1024);

        using var response = await small.PostAsync(Path, Hello.Replace("Hello!", new string('x', 70_000), StringComparison.Ordinal));

        await AssertRefusedAsync(response, 413, "invalid_request_error", "message.too_large", null);
    }

    [Fact]
    public async Task Json_that_is_too_deep_is_refused()
    {
        using var response = await _site.PostAsync(Path, """{"model":"agent","messages":[{"role":"user","content":"x"}],"a":""" + new string('[', 70) + new string(']', 70) + "}");

        await AssertRefusedAsync(response, 400, "invalid_request_error", "json.invalid", null);
    }

    [Fact]
    public async Task A_key_that_calls_too_often_waits()
    {
        await using var slow = await OpenAiSite.StartAsync(options => options.Doors.AgentCallsPerMinute = 1);
        using var first = await slow.PostAsync(Path, Hello);

        using var second = await slow.PostAsync(Path, Hello);

        await AssertRefusedAsync(second, 429, "rate_limit_error", "rate_limit_exceeded", null);
        Assert.NotNull(second.Headers.RetryAfter);
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_is_given_up_and_the_agent_told()
    {
        var (time, timeout) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), TimeSpan.FromMinutes(1));
        await using var hasty = await OpenAiSite.StartAsync(options => options.Conversations.AnswerTimeout = timeout, time);
        var (begun, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        await hasty.RespondAsync((_, cancellationToken) => HangAsync(begun, stopped, cancellationToken));

        var asking = hasty.PostAsync(Path, Hello);
        await begun.Task.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
        time.Advance(timeout);
        using var response = await asking.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);

        await AssertRefusedAsync(response, 504, "server_error", "deadline_exceeded", null);
        await stopped.Task.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_call_may_wait_for_an_agent_that_is_offline()
    {
        await using var patient = await OpenAiSite.StartAsync(options => options.Conversations.OfflineWait = TimeSpan.FromSeconds(60));
        var asking = patient.AskAsync(Path, Hello);
        await Deadline.UntilAsync(() => patient.Hub.Get<Parley.Hub.AgentApi.Calls.AgentCaller>().Count == 1, "the call is made");

        await patient.AnswerAsync(_ => "back");

        Assert.Equal("back", (await asking).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task A_wait_for_an_agent_that_stays_away_ends()
    {
        await using var patient = await OpenAiSite.StartAsync(options => options.Conversations.OfflineWait = TimeSpan.FromSeconds(1));

        using var response = await patient.PostAsync(Path, Hello);

        await AssertRefusedAsync(response, 503, "server_error", "agent.offline", null);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response, int status, string type, string code, string? param)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((HttpStatusCode)status == response.StatusCode, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var error = JsonElement.Parse(body).GetProperty("error");
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal((type, code, param), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    private static async IAsyncEnumerable<ResponderEvent> FailAsync(ResponderEvent end)
    {
        await Task.Yield();
        yield return end;
    }

    private static async IAsyncEnumerable<ResponderEvent> HangAsync(
        TaskCompletionSource begun, TaskCompletionSource stopped, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            stopped.TrySetResult();
        }

        yield break;
    }
}
