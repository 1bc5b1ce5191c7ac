using System.Net;
using System.Text.Json;
using Parley.Client.Responders;
using Parley.Hub.AgentApi.Conversations;
using Parley.Protocol.Errors;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.HubTests.OpenAi;

public sealed class ResponsesTests : IAsyncLifetime
{
    private const string Path = "/v1/responses";

    private OpenAiSite _site = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _site = await OpenAiSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task An_agent_answers_a_response()
    {
        await _site.AnswerAsync(request => "echo " + DelegateResponder.TextOf(request));

        var response = await _site.AskAsync(Path, """{"model":"agent","input":"Hello!","metadata":{"a":"b"}}""");

        Assert.Equal(("response", "completed"), (response.GetProperty("object").GetString(), response.GetProperty("status").GetString()));
        var item = Assert.Single(response.GetProperty("output").EnumerateArray());
        Assert.Equal("echo Hello!", item.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("b", response.GetProperty("metadata").GetProperty("a").GetString());
        Assert.Equal(JsonValueKind.Null, response.GetProperty("usage").ValueKind);
    }

    [Fact]
    public async Task A_stream_tells_typed_events_in_order_with_growing_numbers()
    {
        await _site.RespondAsync((_, _) => TwoAsync());

        using var response = await _site.PostAsync(Path, """{"model":"agent","input":[{"role":"user","content":[{"type":"input_text","text":"count"}]}],"stream":true}""");
        var text = await response.Content.ReadAsStringAsync(Stop);

        var events = text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..])).ToList();
        string[] expected =
        [
            "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
            "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
        ];
        Assert.Equal(expected, events.Select(one => one.GetProperty("type").GetString()));
        Assert.Equal(expected, text.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..]));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(one => one.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("onetwo", events[6].GetProperty("text").GetString());
        var last = events[^1].GetProperty("response");
        Assert.Equal("onetwo", last.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(3, last.GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    [Fact]
    public async Task A_response_that_follows_another_is_in_its_thread_and_carries_no_history()
    {
        var seen = new List<(string Thread, string Text)>();
        await _site.AnswerAsync(request =>
        {
            seen.Add((request.Thread, DelegateResponder.TextOf(request)));
            return "ok";
        });

        var first = await _site.AskAsync(Path, """{"model":"agent","input":"one"}""");
        var second = await FollowAsync(first, "two");
        await FollowAsync(second, "three");
        await _site.AskAsync(Path, """{"model":"agent","input":"apart"}""");
        await _site.AskAsync(Path, """{"model":"agent","input":"alone","store":false}""");

        Assert.Equal(["one", "two", "three", "apart", "alone"], seen.Select(one => one.Text));
        Assert.NotEmpty(seen[0].Thread);
        Assert.Equal([seen[0].Thread, seen[0].Thread], seen[1..3].Select(one => one.Thread));
        Assert.NotEqual(seen[0].Thread, seen[3].Thread);
        Assert.Empty(seen[4].Thread);
    }

    [Fact]
    public async Task Instructions_on_a_thread_stand_before_what_is_new()
    {
        var seen = new List<string>();
        await _site.AnswerAsync(request =>
        {
            seen.Add(DelegateResponder.TextOf(request));
            return "ok";
        });

        await _site.AskAsync(Path, """{"model":"agent","instructions":"Be brief.","input":"one"}""");

        Assert.Equal(["Be brief.\n\none"], seen);
    }

    [Fact]
    public async Task Nobody_else_can_follow_read_or_delete_a_response()
    {
        await _site.AnswerAsync(_ => "ok");
        var first = await _site.AskAsync(Path, """{"model":"agent","input":"one","store":true}""");
        var id = first.GetProperty("id").GetString()!;
        using var other = _site.ClientWith(await _site.MakeKeyAsync("acme"));

        using var followed = await _site.PostAsync(Path, $$"""{"model":"agent","input":"x","previous_response_id":"{{id}}"}""", other);
        using var read = await other.GetAsync($"{Path}/{id}", Stop);
        using var deleted = await other.DeleteAsync($"{Path}/{id}", Stop);

        Assert.Equal((HttpStatusCode.BadRequest, "previous_response_not_found"), (followed.StatusCode, await CodeOfAsync(followed)));
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), (read.StatusCode, await CodeOfAsync(read)));
        Assert.Equal(HttpStatusCode.NotFound, deleted.StatusCode);
        Assert.Equal(first.GetRawText(), (await SiteReadAsync(id)).GetRawText());
    }

    [Fact]
    public async Task A_response_is_read_only_when_its_text_was_to_be_kept_and_gone_when_deleted()
    {
        await _site.AnswerAsync(_ => "ok");
        var kept = (await _site.AskAsync(Path, """{"model":"agent","input":"one","store":true}""")).GetProperty("id").GetString()!;
        var plain = (await _site.AskAsync(Path, """{"model":"agent","input":"one"}""")).GetProperty("id").GetString()!;
        var none = await _site.AskAsync(Path, """{"model":"agent","input":"one","store":false}""");

        Assert.Equal("ok", (await SiteReadAsync(kept)).GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        using var unread = await _site.Client.GetAsync($"{Path}/{plain}", Stop);
        using var deleted = await _site.Client.DeleteAsync($"{Path}/{kept}", Stop);
        using var gone = await _site.Client.GetAsync($"{Path}/{kept}", Stop);
        using var notFollowed = await _site.PostAsync(Path, $$"""{"model":"agent","input":"x","previous_response_id":"{{none.GetProperty("id").GetString()}}"}""");

        Assert.Equal(HttpStatusCode.NotFound, unread.StatusCode);
        Assert.True((await OpenAiSite.JsonOfAsync(deleted)).GetProperty("deleted").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, notFollowed.StatusCode);
    }

    [Fact]
    public async Task A_response_is_still_followed_after_a_restart()
    {
        var threads = new List<string>();
        string Note(ResponderRequest request)
        {
            threads.Add(request.Thread);
            return "ok";
        }

        var listener = await _site.AnswerAsync(Note);
        var first = await _site.AskAsync(Path, """{"model":"agent","input":"one"}""");
        await listener.DisposeAsync();
        await _site.Hub.StopAsync();
        await _site.StartAgainAsync();
        await _site.AnswerAsync(Note);

        await FollowAsync(first, "two");

        Assert.Equal(threads[0], threads[1]);
    }

    [Fact]
    public async Task What_is_due_is_forgotten()
    {
        await _site.AnswerAsync(_ => "ok");
        var id = (await _site.AskAsync(Path, """{"model":"agent","input":"one","store":true}""")).GetProperty("id").GetString()!;
        await _site.Hub.Get<SqliteStore>().WriteAsync(connection => connection.Prepared("UPDATE responses SET expires_at = 1").Execute(), Stop);

        using var response = await _site.Client.GetAsync($"{Path}/{id}", Stop);
        await _site.Hub.Get<ResponseStore>().DeleteDueAsync();
        var left = await _site.Hub.Get<SqliteStore>().ReadAsync(connection =>
        {
            var row = connection.Prepared("SELECT count(*) FROM responses");
            row.Step();
            return row.GetInt64(0);
        }, Stop);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(0, left);
    }

    [Fact]
    public async Task A_failure_amid_a_stream_is_a_failed_response()
    {
        await _site.RespondAsync((_, _) => BrokenAsync());

        using var response = await _site.PostAsync(Path, """{"model":"agent","input":"x","stream":true}""");
        var last = JsonElement.Parse((await OpenAiSite.EventsOfAsync(response))[^1]);

        Assert.Equal("response.failed", last.GetProperty("type").GetString());
        Assert.Equal("""{"code":"responder.failed","message":"It broke."}""", last.GetProperty("response").GetProperty("error").GetRawText());
    }

    [Theory]
    [InlineData("""{"model":"agent"}""", "input")]
    [InlineData("""{"model":"agent","input":[]}""", "input")]
    [InlineData("""{"model":"agent","input":[7]}""", "input[0]")]
    [InlineData("""{"model":"agent","input":"x","background":true}""", "background")]
    [InlineData("""{"model":"agent","input":"x","conversation":"c"}""", "conversation")]
    [InlineData("""{"model":"agent","input":"x","tools":[{"type":"web_search"}]}""", "tools")]
    [InlineData("""{"model":"agent","input":"x","tools":[{"type":"function","name":"f"}]}""", "tools")]
    [InlineData("""{"model":"agent","input":[{"type":"computer_call"}]}""", "input[0].type")]
    public async Task A_bad_request_is_told_what_is_wrong_with_it(string body, string param)
    {
        using var response = await _site.PostAsync(Path, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (await OpenAiSite.JsonOfAsync(response)).GetProperty("error").GetProperty("param").GetString());
    }

    private Task<JsonElement> FollowAsync(JsonElement response, string text) =>
        _site.AskAsync(Path, $$"""{"model":"agent","input":"{{text}}","previous_response_id":"{{response.GetProperty("id").GetString()}}"}""");

    private async Task<JsonElement> SiteReadAsync(string id)
    {
        using var response = await _site.Client.GetAsync($"{Path}/{id}", Stop);
        response.EnsureSuccessStatusCode();
        return await OpenAiSite.JsonOfAsync(response);
    }

    private static async Task<string?> CodeOfAsync(HttpResponseMessage response) => (await OpenAiSite.JsonOfAsync(response)).GetProperty("error").GetProperty("code").GetString();

    private static async IAsyncEnumerable<ResponderEvent> TwoAsync()
    {
        yield return new ResponderEvent.Text("one", IsDelta: true);
        await Task.Yield();
        yield return new ResponderEvent.Text("two", IsDelta: true);
        yield return new ResponderEvent.Usage(null, null, 3, 2);
        yield return new ResponderEvent.Completed();
    }

    private static async IAsyncEnumerable<ResponderEvent> BrokenAsync()
    {
        yield return new ResponderEvent.Text("half", IsDelta: true);
        await Task.Yield();
        yield return new ResponderEvent.Failed(ErrorCode.ResponderFailed, "It broke.");
    }
}
