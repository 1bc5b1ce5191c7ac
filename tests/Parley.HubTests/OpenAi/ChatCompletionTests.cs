using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Client.Responders;
using Parley.Hub.AgentApi.Calls;
using Parley.Testing;

namespace Parley.HubTests.OpenAi;

public sealed class ChatCompletionTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";
    private const string Hello = """{"model":"agent","messages":[{"role":"user","content":"Hello!"}]}""";
    private const string HelloStream = """{"model":"agent","messages":[{"role":"user","content":"Hello!"}],"stream":true}""";

    private OpenAiSite _site = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _site = await OpenAiSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task An_agent_answers_as_a_model()
    {
        await _site.AnswerAsync(request => "echo " + DelegateResponder.TextOf(request));

        var answer = await _site.AskAsync(Path, Hello);

        var choice = Assert.Single(answer.GetProperty("choices").EnumerateArray());
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.StartsWith("chatcmpl-", answer.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("agent", answer.GetProperty("model").GetString());
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.Equal("echo Hello!", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("refusal").ValueKind);
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.False(answer.TryGetProperty("usage", out _));
    }

    [Fact]
    public async Task The_model_is_the_agents_name_or_its_address()
    {
        await _site.AnswerAsync(_ => "here");

        var byName = await _site.AskAsync(Path, Hello.Replace("agent", "bob", StringComparison.Ordinal));
        var byAddress = await _site.AskAsync(Path, Hello.Replace("agent", "acme.bob", StringComparison.Ordinal));

        Assert.Equal("bob", byName.GetProperty("model").GetString());
        Assert.Equal("acme.bob", byAddress.GetProperty("model").GetString());
    }

    [Fact]
    public async Task Usage_is_what_the_agent_reported()
    {
        await _site.RespondAsync((_, _) => EventsAsync(
            new ResponderEvent.Text("yes", IsDelta: false), new ResponderEvent.Usage("m-1", null, InputTokens: 12, OutputTokens: 3), new ResponderEvent.Completed()));

        var answer = await _site.AskAsync(Path, Hello);

        Assert.Equal("""{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}""", answer.GetProperty("usage").GetRawText());
        Assert.Equal("m-1", answer.GetProperty("system_fingerprint").GetString());
    }

    [Fact]
    public async Task A_stream_has_the_role_first_then_the_text_then_the_reason_and_one_id_and_time()
    {
        await _site.RespondAsync((_, _) => EventsAsync(Delta("one"), Delta("two"), Delta("€"), new ResponderEvent.Completed()));

        using var response = await _site.PostAsync(Path, HelloStream);
        var events = await OpenAiSite.EventsOfAsync(response);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("[DONE]", events[^1]);
        var chunks = events.SkipLast(1).Select(text => JsonElement.Parse(text)).ToList();
        Assert.Single(chunks.Select(chunk => (chunk.GetProperty("id").GetString(), chunk.GetProperty("created").GetInt64(), chunk.GetProperty("object").GetString())).Distinct());
        var deltas = chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta")).ToList();
        Assert.Equal("assistant", deltas[0].GetProperty("role").GetString());
        Assert.All(deltas.Skip(1), delta => Assert.False(delta.TryGetProperty("role", out _)));
        Assert.Equal("onetwo€", string.Concat(deltas.SkipLast(1).Select(delta => delta.GetProperty("content").GetString())));
        Assert.Equal("{}", deltas[^1].GetRawText());
        Assert.Equal(Enumerable.Repeat<string?>(null, chunks.Count - 1).Append("stop"), chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        Assert.All(chunks, chunk => Assert.False(chunk.TryGetProperty("usage", out _)));
    }

    [Fact]
    public async Task A_stream_that_was_asked_for_usage_ends_with_it_and_says_null_before()
    {
        await _site.RespondAsync((_, _) => EventsAsync(Delta("yes"), new ResponderEvent.Usage(null, null, 5, 1), new ResponderEvent.Completed()));

        using var response = await _site.PostAsync(Path, HelloStream.Replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}", StringComparison.Ordinal));
        var chunks = (await OpenAiSite.EventsOfAsync(response)).SkipLast(1).Select(text => JsonElement.Parse(text)).ToList();

        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(6, chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Parameters_and_metadata_reach_the_agent_and_unknown_ones_are_ignored()
    {
        var seen = new TaskCompletionSource<ResponderRequest>();
        await _site.AnswerAsync(request =>
        {
            seen.TrySetResult(request);
            return "ok";
        });

        await _site.AskAsync(Path, """{"model":"agent","messages":[{"role":"user","content":"x"}],"temperature":0.5,"max_completion_tokens":7,"metadata":{"channel":"support"},"no_such":{"a":[1]},"n":1}""");

        var meta = (await seen.Task.WaitAsync(Deadline.Shared, Stop)).Meta;
        Assert.Equal(("0.5", "7", "support"), (meta["temperature"], meta["max_completion_tokens"], meta["channel"]));
    }

    [Fact]
    public async Task Pictures_and_files_become_attachments_and_addresses_are_handed_on_unread()
    {
        var seen = new TaskCompletionSource<ResponderRequest>();
        await _site.AnswerAsync(request =>
        {
            seen.TrySetResult(request);
            return "ok";
        });

        await _site.AskAsync(Path, """
            {"model":"agent","messages":[{"role":"user","content":[
              {"type":"text","text":"look"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},
              {"type":"image_url","image_url":{"url":"http://127.0.0.1:1/never.png"}},
              {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AQID"}}]}]}
            """);

        var request = await seen.Task.WaitAsync(Deadline.Shared, Stop);
        Assert.Equal("look\nAttached image: http://127.0.0.1:1/never.png", DelegateResponder.TextOf(request));
        Assert.Equal([("image-1.png", "image/png", "010203"), ("a.pdf", "application/pdf", "010203")], request.Files.Select(file => (file.Name, file.MediaType!, Convert.ToHexString(file.Content.Bytes.Span))));
    }

    [Fact]
    public async Task A_thread_header_names_one_thread_and_another_key_never_meets_it()
    {
        var threads = new List<string>();
        await _site.AnswerAsync(request =>
        {
            threads.Add(request.Thread);
            return "ok";
        });
        using var other = _site.ClientWith(await _site.MakeKeyAsync("acme"));

        await _site.AskAsync(Path, Hello);
        await _site.AskAsync(Path, Hello, thread: "t1");
        await _site.AskAsync(Path, Hello, thread: "t1");
        await _site.AskAsync(Path, Hello, thread: "t2");
        await _site.AskAsync(Path, Hello, other, thread: "t1");
        await _site.AskAsync(Path, Hello.Replace("}]", "}],\"user\":\"t1\"", StringComparison.Ordinal));

        Assert.Equal(string.Empty, threads[0]);
        Assert.Equal(threads[1], threads[2]);
        Assert.Equal(5, threads.Distinct().Count());
        Assert.DoesNotContain(threads, thread => thread.Contains("t1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_that_goes_away_stops_the_agent()
    {
        var (started, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        await _site.RespondAsync((_, cancellationToken) => WorkAsync(started, stopped, cancellationToken));

        using (await _site.PostAsync(Path, HelloStream))
        {
            await started.Task.WaitAsync(Deadline.Shared, Stop);
        }

        await stopped.Task.WaitAsync(Deadline.Shared, Stop);
    }

    [Fact]
    public async Task A_failure_amid_a_stream_is_an_error_event_and_the_end()
    {
        await _site.RespondAsync((_, _) => EventsAsync(Delta("half"), new ResponderEvent.Failed(Parley.Protocol.Errors.ErrorCode.ResponderFailed, "It broke.")));

        using var response = await _site.PostAsync(Path, HelloStream);
        var events = await OpenAiSite.EventsOfAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"error":{"message":"It broke.","type":"server_error","param":null,"code":"responder.failed"}}""", events[^2]);
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task Ten_thousand_deltas_arrive_in_order_at_a_slow_reader()
    {
        await _site.RespondAsync((_, _) => CountAsync(10_000));

        using var response = await _site.PostAsync(Path, HelloStream);
        await using var stream = await response.Content.ReadAsStreamAsync(Stop);
        using var reader = new StreamReader(stream, Encoding.UTF8, false, 256);
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(Stop) is { } line)
        {
            if (line.StartsWith("data: {", StringComparison.Ordinal) &&
                JsonElement.Parse(line["data: ".Length..]).GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var content))
            {
                text.Append(content.GetString());
                await Task.Yield();
            }
        }

        Assert.Equal(string.Concat(Enumerable.Range(0, 10_000).Select(number => $"{number} ")), text.ToString());
    }

    [Fact]
    public async Task Two_hundred_streams_at_once_get_each_their_own_answer_and_leave_nothing()
    {
        const int Count = 200;
        var (begun, all) = (0, new TaskCompletionSource());
        var responder = new DelegateResponder((request, cancellationToken) => AnswerTogetherAsync(DelegateResponder.TextOf(request), cancellationToken));
        await _site.Hub.ConnectListenerAsync(_site.Bob, responder, new ListenSetup { Concurrency = Count }, Stop);

        var texts = await Task.WhenAll(Enumerable.Range(0, Count).Select(async number =>
        {
            using var response = await _site.PostAsync(Path, HelloStream.Replace("Hello!", $"{number}", StringComparison.Ordinal));
            var chunks = (await OpenAiSite.EventsOfAsync(response)).SkipLast(1).Select(text => JsonElement.Parse(text).GetProperty("choices")[0].GetProperty("delta"));
            return string.Concat(chunks.Select(delta => delta.TryGetProperty("content", out var content) ? content.GetString() : string.Empty));
        }));

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"<{number}><{number}>"), texts);
        await Deadline.UntilAsync(() => _site.Hub.Get<AgentCaller>().Count == 0, "no call is open");

        async IAsyncEnumerable<ResponderEvent> AnswerTogetherAsync(string text, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return Delta($"<{text}>");
            if (Interlocked.Increment(ref begun) == Count)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(cancellationToken);
            yield return Delta($"<{text}>");
        }
    }

    [Fact]
    public async Task Two_hundred_callers_that_go_away_amid_their_streams_leave_nothing()
    {
        const int Count = 200;
        var stopped = 0;
        var responder = new DelegateResponder((_, cancellationToken) => HangAsync(cancellationToken));
        await _site.Hub.ConnectListenerAsync(_site.Bob, responder, new ListenSetup { Concurrency = Count }, Stop);

        await Task.WhenAll(Enumerable.Range(0, Count).Select(async _ =>
        {
            using var response = await _site.PostAsync(Path, HelloStream);
            await using var stream = await response.Content.ReadAsStreamAsync(Stop);
            await stream.ReadExactlyAsync(new byte[16], Stop);
        }));

        await Deadline.UntilAsync(() => _site.Hub.Get<AgentCaller>().Count == 0 && Volatile.Read(ref stopped) == Count, "every agent has stopped and no call is open");

        async IAsyncEnumerable<ResponderEvent> HangAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return Delta("working");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            finally
            {
                Interlocked.Increment(ref stopped);
            }
        }
    }

    [Fact]
    public async Task A_thread_s_name_that_could_not_come_back_in_a_header_is_refused()
    {
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = _site.Hub.Hub.Http };
        client.DefaultRequestHeaders.Authorization = _site.Client.DefaultRequestHeaders.Authorization;

        using var response = await _site.PostAsync(Path, Hello, client, thread: "Zürich");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Nothing_is_left_when_answers_were_read()
    {
        await _site.AnswerAsync(_ => "ok");

        await _site.AskAsync(Path, Hello);
        using var response = await _site.PostAsync(Path, HelloStream);
        await OpenAiSite.EventsOfAsync(response);

        await Deadline.UntilAsync(() => _site.Hub.Get<AgentCaller>().Count == 0, "no call is open");
    }

    private static ResponderEvent.Text Delta(string text) => new(text, IsDelta: true);

    private static async IAsyncEnumerable<ResponderEvent> EventsAsync(params ResponderEvent[] events)
    {
        foreach (var one in events)
        {
            await Task.Yield();
            yield return one;
        }
    }

    private static async IAsyncEnumerable<ResponderEvent> CountAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            yield return Delta($"{number} ");
            if (number % 100 == 0)
            {
                await Task.Yield();
            }
        }
    }

    private static async IAsyncEnumerable<ResponderEvent> WorkAsync(
        TaskCompletionSource started, TaskCompletionSource stopped, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Delta("working");
        started.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            stopped.TrySetResult();
        }
    }
}
