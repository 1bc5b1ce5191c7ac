using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Client.Responders;
using Parley.Client.Responders.Http;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using static Parley.EndToEndTests.Responders.Answering;

namespace Parley.EndToEndTests.Responders;

public sealed class HttpResponderTests
{
    [Fact]
    public async Task The_message_is_posted_and_text_is_the_answer()
    {
        await using var server = await StandInServer.StartAsync((context, _) => context.Response.WriteAsync("pong"));
        using var responder = new HttpResponder(new HttpResponderOptions(server.Url) { BearerToken = "t0ken" });
        var request = Request("ping", MessageType.Text) with { Files = [new ResponderFile("a.bin", new Body(new byte[] { 1, 2 }))] };

        var reply = await AnswerAsync(responder, request);

        Assert.Equal("pong", reply.Text());
        using var posted = JsonDocument.Parse(server.Requests.Single());
        Assert.Equal(("ping", Sender), (posted.RootElement.GetProperty("text").GetString(), posted.RootElement.GetProperty("from").GetString()));
        Assert.Equal("AQI=", posted.RootElement.GetProperty("parts")[1].GetProperty("file").GetProperty("base64").GetString());
        Assert.Equal("Bearer t0ken", server.Authorizations.Single());
    }

    [Fact]
    public async Task A_JSON_answer_may_carry_files_state_and_usage()
    {
        await using var server = await StandInServer.StartAsync((context, _) => StandInServer.JsonAsync(
            context, """{"text":"which?","files":[{"name":"f","base64":"AQI="}],"state":"input-required","usage":{"model":"m","tokens":5}}"""));
        using var responder = new HttpResponder(new HttpResponderOptions(server.Url));

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal(("which?", ReplyState.InputRequired, "m", "5"), (reply.Text(), reply.State, reply.Meta["model"], reply.Meta["tokens_used"]));
        Assert.Equal(2, reply.Files.Single().Content.Length);
    }

    [Fact]
    public async Task Server_sent_events_speak_the_events_protocol()
    {
        await using var server = await StandInServer.StartAsync((context, _) => StandInServer.EventsAsync(
            context, """{"type":"message","delta":"a"}""", """{"type":"message","delta":"b"}""", "[DONE]"));
        using var responder = new HttpResponder(new HttpResponderOptions(server.Url));

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal("ab", reply.Text());
    }

    [Theory]
    [InlineData(302)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Any_other_status_is_a_failure_and_no_redirect_is_followed(int status)
    {
        await using var server = await StandInServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/other";
            return context.Response.WriteAsync("secret detail");
        });
        using var responder = new HttpResponder(new HttpResponderOptions(server.Url));

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal(("responder.failed", $"The responder's server answered {status}."), (reply.ErrorCode, reply.ErrorMessage));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_endless_answer_is_refused()
    {
        await using var server = await StandInServer.StartAsync(async (context, _) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[1024 * 1024], context.RequestAborted);
            }
        });
        using var responder = new HttpResponder(new HttpResponderOptions(server.Url));

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal("message.too_large", reply.ErrorCode);
    }

    [Fact]
    public async Task A_silent_server_runs_into_the_timeout()
    {
        await using var server = await StandInServer.StartAsync((context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        using var responder = new HttpResponder(new HttpResponderOptions(server.Url));

        var reply = await AnswerAsync(responder, Request("x"), TimeSpan.FromMilliseconds(300));

        Assert.Equal("responder.timeout", reply.ErrorCode);
    }

    [Fact]
    public async Task An_unreachable_server_is_told()
    {
        using var responder = new HttpResponder(new HttpResponderOptions(new Uri("http://127.0.0.1:1/")));

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal("The responder's server cannot be reached.", reply.ErrorMessage);
    }
}
