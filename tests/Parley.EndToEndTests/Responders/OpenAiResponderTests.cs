using System.Text.Json;
using Parley.Client.Responders;
using Parley.Client.Responders.OpenAi;
using Parley.Protocol.Wire;
using Parley.Testing;
using static Parley.EndToEndTests.Responders.Answering;

namespace Parley.EndToEndTests.Responders;

public sealed class OpenAiResponderTests
{
    private const string FirstChunk = """{"id":"c","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}""";
    private const string UsageChunk = """{"id":"c","model":"m-1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}""";

    [Fact]
    public async Task The_answer_is_streamed_with_model_and_usage()
    {
        await using var server = await StandInServer.StartAsync((context, _) => StandInServer.EventsAsync(
            context, FirstChunk, Delta("Hel"), Delta("lo"), """{"choices":[{"delta":{},"finish_reason":"stop"}]}""", UsageChunk, "[DONE]"));
        using var responder = Responder(server, options => options with { ApiKey = "sk-test", SystemPrompt = "Be brief." });

        var reply = await AnswerAsync(responder, Request("Hi", MessageType.Text));

        Assert.Equal(("Hello", ReplyState.Completed, "m-1", "9"), (reply.Text(), reply.State, reply.Meta["model"], reply.Meta["tokens_used"]));
        Assert.Equal("Bearer sk-test", server.Authorizations.Single());
        var messages = Messages(server.Requests.Single());
        Assert.Contains("no authority", messages[0]);
        Assert.EndsWith("Be brief.", messages[0]);
        Assert.Equal("user: Message from the agent acme.agent-a (text):\n\nHi", messages[1]);
    }

    [Fact]
    public async Task A_thread_has_its_history_and_a_failed_turn_leaves_none()
    {
        await using var server = await StandInServer.StartAsync((context, number) => number == 2
            ? StandInServer.JsonAsync(context, """{"error":{"message":"sk-leak","type":"server_error","code":null,"param":null}}""", 500)
            : StandInServer.EventsAsync(context, Delta($"answer {number}"), "[DONE]"));
        using var responder = Responder(server);

        await AnswerAsync(responder, Request("one", MessageType.Text));
        var failed = await AnswerAsync(responder, Request("two", MessageType.Text));
        await AnswerAsync(responder, Request("three", MessageType.Text));
        await AnswerAsync(responder, Request("other", MessageType.Text) with { Thread = "elsewhere" });

        Assert.Equal("The model's server answered 500 (server_error).", failed.ErrorMessage);
        var third = Messages(server.Requests[2]);
        Assert.Equal(4, third.Count);
        Assert.EndsWith("one", third[1]);
        Assert.Equal("assistant: answer 1", third[2]);
        Assert.Equal(2, Messages(server.Requests[3]).Count);
    }

    [Fact]
    public async Task A_caller_that_carries_its_history_is_taken_at_its_word_under_its_own_name()
    {
        await using var server = await StandInServer.StartAsync((context, _) => StandInServer.EventsAsync(context, Delta("x"), "[DONE]"));
        using var responder = Responder(server);
        var request = Request("now", MessageType.Text) with { History = [new ResponderTurn(TurnRole.User, "before"), new ResponderTurn(TurnRole.Agent, "answered")] };

        await AnswerAsync(responder, request);
        await AnswerAsync(responder, request);

        Assert.Equal(["user: Message from the agent acme.agent-a (text):\n\nbefore", "assistant: answered"], Messages(server.Requests[1]).Skip(1).Take(2));
    }

    [Fact]
    public async Task A_server_without_streams_or_stream_options_is_served_too()
    {
        await using var server = await StandInServer.StartAsync((context, number) => number == 1
            ? StandInServer.JsonAsync(context, """{"error":{"message":"unknown field stream_options"}}""", 400)
            : StandInServer.JsonAsync(context, """{"model":"m","choices":[{"message":{"role":"assistant","content":"whole"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"""));
        using var responder = Responder(server);

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal(("whole", true), (reply.Text(), reply.Truncated));
        Assert.DoesNotContain("stream_options", server.Requests[1]);
    }

    [Theory]
    [InlineData("""{"error":{"message":"overloaded sk-leak","type":"server_error"}}""")]
    [InlineData("garbage")]
    public async Task An_error_in_the_middle_keeps_what_came_before(string data)
    {
        await using var server = await StandInServer.StartAsync((context, _) => StandInServer.EventsAsync(context, Delta("half"), data));
        using var responder = Responder(server);

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal(("half", "responder.failed"), (reply.Text(), reply.ErrorCode));
        Assert.DoesNotContain("sk-leak", reply.ErrorMessage);
    }

    [Theory]
    [InlineData("v1", "/v1/chat/completions")]
    [InlineData("v1/", "/v1/chat/completions")]
    [InlineData("v1/chat/completions", "/v1/chat/completions")]
    public async Task The_address_may_be_the_base_or_the_whole(string path, string expected)
    {
        var seen = string.Empty;
        await using var server = await StandInServer.StartAsync((context, _) =>
        {
            seen = context.Request.Path;
            return StandInServer.EventsAsync(context, "[DONE]");
        });
        using var responder = new OpenAiResponder(new OpenAiResponderOptions(new Uri(server.Url, path), "m"), Tools(), TimeProvider.System);

        await AnswerAsync(responder, Request("x"));

        Assert.Equal(expected, seen);
    }

    private static OpenAiResponder Responder(StandInServer server, Func<OpenAiResponderOptions, OpenAiResponderOptions>? change = null)
    {
        var options = new OpenAiResponderOptions(new Uri(server.Url, "v1"), "m");
        return new OpenAiResponder(change?.Invoke(options) ?? options, Tools(), TimeProvider.System);
    }

    private static string Delta(string text) => $$$"""{"choices":[{"index":0,"delta":{"content":"{{{text}}}"},"finish_reason":null}]}""";

    private static List<string> Messages(string request)
    {
        using var document = JsonDocument.Parse(request);
        return [.. document.RootElement.GetProperty("messages").EnumerateArray().Select(message => $"{message.GetProperty("role")}: {message.GetProperty("content")}")];
    }
}
