using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using Parley.Client.Responders;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskStreamsTests : IAsyncLifetime
{
    private TaskKit _kit = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kit = await TaskKit.StartAsync();

    public async ValueTask DisposeAsync() => await _kit.DisposeAsync();

    [Fact]
    public async System.Threading.Tasks.Task Two_hundred_streams_of_deltas_are_each_whole_and_in_order()
    {
        await _kit.ListenAsync((_, cancel) => DeltasAsync(200, cancel), new ListenSetup { Concurrency = 200 });

        var streams = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 200).Select(_ => _kit.StreamAsync(_kit.Message("go"))));

        var expected = string.Concat(Enumerable.Range(0, 200).Select(number => $"{number} "));
        Assert.All(streams, events =>
        {
            Assert.Equal(expected, TaskLog.TextOf(events));
            Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(one => one.Number));
            Assert.Equal(TaskState.Completed, events[^1].Response.StatusUpdate.Status.State);
        });
        await Deadline.UntilAsync(() => _kit.Open.Count == 0 && _kit.Open.Streams == 0, "memory holds no task");
    }

    [Fact]
    public async System.Threading.Tasks.Task Two_hundred_clients_that_go_away_amid_their_streams_leave_their_tasks_to_end_and_nothing_else()
    {
        const int Count = 200;
        var goOn = new TaskCompletionSource();
        await _kit.ListenAsync((_, _) => OneWordAndTheRestAsync(goOn.Task), new ListenSetup { Concurrency = Count });
        var (_, secret) = await _kit.Hub.Get<ApiKeys>().CreateAsync("acme", ApiScopes.Default, null, "test", Stop);
        using (var client = new HttpClient { BaseAddress = _kit.Hub.Hub.Http, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", secret) } })
        {
            await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, Count).Select(async number =>
            {
                var body = $$$"""{"message":{"messageId":"gone-{{{number}}}","role":"ROLE_USER","parts":[{"text":"go"}]}}""";
                using var post = new HttpRequestMessage(HttpMethod.Post, "/agents/bob/message:stream") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                using var response = await client.SendAsync(post, HttpCompletionOption.ResponseHeadersRead, Stop);
                await using var stream = await response.Content.ReadAsStreamAsync(Stop);
                await stream.ReadExactlyAsync(new byte[16], Stop);
            }));
        }

        await Deadline.UntilAsync(() => _kit.Open.Streams == 0, "no stream is left");
        var atWork = _kit.Open.Count;
        goOn.SetResult();

        Assert.Equal(Count, atWork);
        await Deadline.UntilAsync(() => _kit.Open.Count == 0, "memory holds no task");
        var list = await _kit.Tasks.ListAsync(TaskKit.Acme, new ListTasksRequest { Status = TaskState.Completed, PageSize = 1 }, Stop);
        Assert.Equal(Count, list.TotalSize);
    }

    [Fact]
    public async System.Threading.Tasks.Task Ten_thousand_deltas_are_one_text()
    {
        await _kit.ListenAsync((_, cancel) => DeltasAsync(10_000, cancel));

        var events = await _kit.StreamAsync(_kit.Message("go"));

        var task = await _kit.GetAsync(events[0].Response.Task.Id);
        Assert.Equal(string.Concat(Enumerable.Range(0, 10_000).Select(number => $"{number} ")), Assert.Single(Assert.Single(task.Artifacts).Parts).Text);
        Assert.Equal(task, TaskLog.Replay(events));
    }

    [Fact]
    public async System.Threading.Tasks.Task Every_stream_of_a_task_sees_the_same_events_in_the_same_order()
    {
        var task = await _kit.PostAsync("go");
        var following = Enumerable.Range(0, 5).Select(_ => _kit.FollowAsync(task.Id, 0)).ToList();
        await _kit.ListenAsync((_, cancel) => DeltasAsync(500, cancel));

        var streams = await System.Threading.Tasks.Task.WhenAll(following);

        Assert.All(streams, events => Assert.Equal(streams[0], events));
        Assert.Equal(await _kit.GetAsync(task.Id), TaskLog.Replay(streams[0]));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_reader_that_is_slow_gets_everything_from_the_store()
    {
        var task = await _kit.PostAsync("go");
        await using var slow = _kit.Tasks.SubscribeAsync(TaskKit.Acme, new SubscribeToTaskRequest { Id = task.Id }, 0, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await slow.MoveNextAsync());
        var events = new List<TaskEvent> { slow.Current };
        await _kit.ListenAsync((_, cancel) => DeltasAsync(3000, cancel, 200));
        await _kit.UntilAsync(task.Id, TaskState.Completed);
        while (await slow.MoveNextAsync())
        {
            events.Add(slow.Current);
        }

        Assert.Equal(await _kit.GetAsync(task.Id), TaskLog.Replay(events));
        Assert.Equal(await _kit.FollowAsync(task.Id, 0), events);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_reader_that_goes_away_ends_nothing()
    {
        var goOn = new TaskCompletionSource();
        await _kit.ListenAsync(async text =>
        {
            await goOn.Task;
            return "done";
        });
        using var leaving = new CancellationTokenSource();
        string id;
        await using (var stream = _kit.Tasks.StreamAsync(TaskKit.Acme, _kit.Message("go"), leaving.Token).GetAsyncEnumerator(leaving.Token))
        {
            Assert.True(await stream.MoveNextAsync());
            id = stream.Current.Response.Task.Id;
            await leaving.CancelAsync();
        }

        goOn.SetResult();

        Assert.Equal("done", (await _kit.UntilAsync(id, TaskState.Completed)).Artifacts[0].Parts[0].Text);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_repeated_stream_follows_the_same_task()
    {
        var request = _kit.Message("go");
        await using var first = _kit.Tasks.StreamAsync(TaskKit.Acme, request.Clone(), Stop).GetAsyncEnumerator(Stop);
        Assert.True(await first.MoveNextAsync());
        await using var second = _kit.Tasks.StreamAsync(TaskKit.Acme, request.Clone(), Stop).GetAsyncEnumerator(Stop);
        Assert.True(await second.MoveNextAsync());
        await _kit.EchoAsync();
        var (one, two) = (await LastAsync(first), await LastAsync(second));

        Assert.Equal(one, two);
        Assert.Equal(TaskState.Completed, one.Response.StatusUpdate.Status.State);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_hub_that_stops_ends_streams_and_says_so()
    {
        var task = await _kit.PostAsync("later");
        var following = _kit.FollowAsync(task.Id, 0);
        await Deadline.UntilAsync(() => _kit.Open.Streams == 1, "the stream follows");
        await _kit.RestartAsync();

        Assert.Equal(ErrorCode.Draining, (await Assert.ThrowsAsync<ParleyException>(() => following)).Code);
        await _kit.EchoAsync();
        Assert.Equal(await _kit.UntilAsync(task.Id, TaskState.Completed), TaskLog.Replay(await _kit.FollowAsync(task.Id, 0)));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_task_has_only_so_many_streams()
    {
        _kit.Open.Options.MaxStreams = 1;
        var task = await _kit.PostAsync("later");
        var first = _kit.FollowAsync(task.Id, 0);
        await Deadline.UntilAsync(() => _kit.Open.Streams == 1, "the stream follows");

        Assert.Equal(ErrorCode.RateLimited, (await Assert.ThrowsAsync<ParleyException>(() => _kit.FollowAsync(task.Id, 0))).Code);
        await _kit.EchoAsync();
        Assert.NotEmpty(await first);
    }

    [Fact]
    public async System.Threading.Tasks.Task An_answer_beyond_the_limit_fails_its_task()
    {
        _kit.Open.Options.MaxBytes = 64 * 1024;
        _kit.Hub.Log.Allow("broke the rules");
        await _kit.ListenAsync((_, cancel) => DeltasAsync(1000, cancel, 200));

        var task = await _kit.SendAsync(_kit.Message("go"));

        Assert.Equal((TaskState.Failed, "message.too_large"), (task.Status.State, task.Metadata.Fields["errorCode"].StringValue));
    }

    private static async Task<TaskEvent> LastAsync(IAsyncEnumerator<TaskEvent> events)
    {
        var last = events.Current;
        while (await events.MoveNextAsync())
        {
            last = events.Current;
        }

        return last;
    }

    private static async IAsyncEnumerable<ResponderEvent> OneWordAndTheRestAsync(System.Threading.Tasks.Task goOn)
    {
        yield return new ResponderEvent.Text("one ", IsDelta: true);
        await goOn.WaitAsync(Deadline.Shared, Stop);
        yield return new ResponderEvent.Text("two", IsDelta: true);
    }

    private static async IAsyncEnumerable<ResponderEvent> DeltasAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken, int more = 0)
    {
        for (var number = 0; number < count && !cancellationToken.IsCancellationRequested; number++)
        {
            yield return new ResponderEvent.Text($"{number} {new string('x', more)}", IsDelta: true);
            if (number % 50 == 0)
            {
                await System.Threading.Tasks.Task.Yield();
            }
        }
    }
}
