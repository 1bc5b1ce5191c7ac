using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Hub;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.A2a;
using Role = Parley.Gateway.Wire.V1.Role;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.A2a;

/// <summary>What every door of A2A promises, whatever its binding and version: requests and answers pass unchanged, refusals look as the table says.</summary>
public abstract class A2aDoorSpec : IAsyncLifetime
{
    private static readonly AgentAddress _agent = new("acme", "bob");

    private protected ApiHub Hub { get; private set; } = null!;

    private protected FakeAgentOperations Operations { get; } = new();
    private protected FakeAgentCards Cards { get; } = new();

    private protected A2aTestClient Client { get; private set; } = null!;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Cards.Add(_agent);
        Hub = await ApiHub.StartAsync(options => options.Doors.AgentCallsPerMinute = 200, parts: new HubParts(null, null) { Compose = Compose });
        Client = Connect(await KeyAsync(ApiScopes.Messages));
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_send_is_answered_with_its_task()
    {
        Operations.Answer = _ => new SendMessageResponse { Task = A2aSamples.Task() };

        var answer = await Client.CallAsync(A2aOperation.SendMessage, A2aSamples.Send(), Stop);

        Assert.Equal(new SendMessageResponse { Task = A2aSamples.Task() }, answer);
        AssertAsked(A2aSamples.Send());
    }

    [Fact]
    public async Task A_send_may_be_answered_with_a_message()
    {
        Operations.Answer = _ => new SendMessageResponse { Message = A2aSamples.Message(Role.Agent) };

        var answer = await Client.CallAsync(A2aOperation.SendMessage, A2aSamples.Send(), Stop);

        Assert.Equal(new SendMessageResponse { Message = A2aSamples.Message(Role.Agent) }, answer);
    }

    [Fact]
    public async Task A_stream_tells_its_events_in_order_and_with_their_numbers()
    {
        Operations.Events = (_, _, _) => A2aSamples.EventsAsync(7);

        var seen = await ReadAsync(A2aOperation.SendStreamingMessage, A2aSamples.Send(), null);

        Assert.Equal(await ListAsync(A2aSamples.EventsAsync(7)), seen);
        AssertAsked(A2aSamples.Send());
    }

    [Fact]
    public async Task A_subscription_resumes_after_the_event_that_was_seen_last()
    {
        long? asked = null;
        Operations.Events = (_, after, _) =>
        {
            asked = after;
            return A2aSamples.EventsAsync(42);
        };

        var seen = await ReadAsync(A2aOperation.SubscribeToTask, new SubscribeToTaskRequest { Id = "t-1" }, 41);

        Assert.Equal(41, asked);
        Assert.Equal(42, seen[0].Number);
        AssertAsked(new SubscribeToTaskRequest { Id = "t-1" });
    }

    [Fact]
    public async Task A_subscription_that_saw_nothing_asks_for_no_event()
    {
        long? asked = 5;
        Operations.Events = (_, after, _) =>
        {
            asked = after;
            return A2aSamples.EventsAsync(1);
        };

        await ReadAsync(A2aOperation.SubscribeToTask, new SubscribeToTaskRequest { Id = "t-1" }, null);

        Assert.Null(asked);
    }

    [Fact]
    public async Task A_task_is_read_with_the_length_of_history_that_was_asked_for()
    {
        Operations.Answer = _ => A2aSamples.Task();

        var answer = await Client.CallAsync(A2aOperation.GetTask, new GetTaskRequest { Id = "t-1", HistoryLength = 0 }, Stop);

        Assert.Equal(A2aSamples.Task(), answer);
        AssertAsked(new GetTaskRequest { Id = "t-1", HistoryLength = 0 });
    }

    [Fact]
    public async Task Tasks_are_listed_by_every_filter()
    {
        if (!Client.Knows(A2aOperation.ListTasks))
        {
            return;
        }

        var request = new ListTasksRequest
        {
            ContextId = "c-1", Status = TaskState.InputRequired, PageSize = 3, PageToken = "next", HistoryLength = 2, StatusTimestampAfter = A2aSamples.Time, IncludeArtifacts = true,
        };
        var list = new ListTasksResponse { Tasks = { A2aSamples.Task() }, NextPageToken = string.Empty, PageSize = 3, TotalSize = 1 };
        Operations.Answer = _ => list;

        var answer = await Client.CallAsync(A2aOperation.ListTasks, request, Stop);

        Assert.Equal(list, answer);
        AssertAsked(request);
    }

    [Fact]
    public async Task A_task_is_canceled()
    {
        Operations.Answer = _ => A2aSamples.Task();

        var answer = await Client.CallAsync(A2aOperation.CancelTask, new CancelTaskRequest { Id = "t-1" }, Stop);

        Assert.Equal(A2aSamples.Task(), answer);
        AssertAsked(new CancelTaskRequest { Id = "t-1" });
    }

    [Fact]
    public async Task A_push_config_is_made_read_listed_and_deleted()
    {
        Operations.Answer = request => request is ListTaskPushNotificationConfigsRequest
            ? new ListTaskPushNotificationConfigsResponse { Configs = { A2aSamples.Config() } }
            : request is DeleteTaskPushNotificationConfigRequest ? null : A2aSamples.Config();

        var made = await Client.CallAsync(A2aOperation.CreatePushConfig, A2aSamples.Config(), Stop);
        AssertAsked(A2aSamples.Config());
        var read = await Client.CallAsync(A2aOperation.GetPushConfig, new GetTaskPushNotificationConfigRequest { TaskId = "t-1", Id = "p-1" }, Stop);
        AssertAsked(new GetTaskPushNotificationConfigRequest { TaskId = "t-1", Id = "p-1" });
        var listed = await Client.CallAsync(A2aOperation.ListPushConfigs, new ListTaskPushNotificationConfigsRequest { TaskId = "t-1" }, Stop);
        AssertAsked(new ListTaskPushNotificationConfigsRequest { TaskId = "t-1" });
        var deleted = await Client.CallAsync(A2aOperation.DeletePushConfig, new DeleteTaskPushNotificationConfigRequest { TaskId = "t-1", Id = "p-1" }, Stop);
        AssertAsked(new DeleteTaskPushNotificationConfigRequest { TaskId = "t-1", Id = "p-1" });

        Assert.Equal(A2aSamples.Config(), made);
        Assert.Equal(A2aSamples.Config(), read);
        Assert.Equal(new ListTaskPushNotificationConfigsResponse { Configs = { A2aSamples.Config() } }, listed);
        Assert.Null(deleted);
    }

    [Fact]
    public async Task The_extended_card_is_read()
    {
        Operations.Answer = _ => new AgentCard { Name = "Bob", Version = "2", Skills = { new AgentSkill { Id = "s", Name = "S", Tags = { "t" } } }, Capabilities = new AgentCapabilities { Streaming = true } };

        var card = (AgentCard)(await Client.CallAsync(A2aOperation.GetExtendedCard, new GetExtendedAgentCardRequest(), Stop))!;

        Assert.Equal("Bob", card.Name);
        Assert.Equal("s", Assert.Single(card.Skills).Id);
        Assert.True(card.Capabilities.Streaming);
        AssertAsked(new GetExtendedAgentCardRequest());
    }

    [Fact]
    public async Task Every_row_of_the_error_table_looks_as_the_binding_says_on_every_operation()
    {
        var codes = A2aErrorRow.OwnCodes.Concat([ErrorCode.InvalidArgument, ErrorCode.AgentUnknown, ErrorCode.AgentOffline, ErrorCode.ContactBlocked, ErrorCode.MailboxFull, ErrorCode.Unavailable, ErrorCode.Internal]);
        foreach (var code in codes)
        {
            foreach (var (operation, request) in A2aSamples.Requests().Where(one => Client.Knows(one.Operation)))
            {
                Operations.Refusal = new ParleyException(code, "Refused.") { Field = code == ErrorCode.InvalidArgument ? "message.parts" : null };

                var seen = await RefusedAsync(Client, operation, request);

                Assert.False(seen.IsEvent);
                Client.AssertRefused(code, seen);
            }
        }
    }

    [Fact]
    public async Task A_refusal_in_a_stream_is_its_last_event()
    {
        Operations.Events = (_, _, _) => ThenAsync(A2aSamples.EventsAsync(1), new ParleyException(ErrorCode.AgentAnswerInvalid, "Refused."));
        var seen = new List<TaskEvent>();

        var refusal = await Assert.ThrowsAsync<A2aRefused>(async () =>
        {
            await foreach (var one in Client.StreamAsync(A2aOperation.SendStreamingMessage, A2aSamples.Send(), null, Stop))
            {
                seen.Add(one);
            }
        });

        Assert.True(refusal.IsEvent);
        Assert.Equal(await ListAsync(A2aSamples.EventsAsync(1)), seen);
        Client.AssertRefused(ErrorCode.AgentAnswerInvalid, refusal);
    }

    [Fact]
    public async Task A_defect_of_the_hub_shows_nothing_of_itself()
    {
        Hub.Log.Allow(line => line.Text.Contains("secret of the hub", StringComparison.Ordinal));
        Operations.Refusal = new InvalidOperationException("secret of the hub");

        var seen = await RefusedAsync(Client, A2aOperation.GetTask, new GetTaskRequest { Id = "t-1" });

        Client.AssertRefused(ErrorCode.Internal, seen);
        Assert.DoesNotContain("secret", seen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_good_key_nothing_is_done()
    {
        foreach (var key in new[] { "", "pk_unknown" })
        {
            var stranger = Connect(key);
            foreach (var (operation, request) in A2aSamples.Requests().Where(one => Client.Knows(one.Operation)))
            {
                var seen = await RefusedAsync(stranger, operation, request);

                stranger.AssertRefused(ErrorCode.Unauthenticated, seen);
                AssertChallenged(seen);
            }
        }

        Assert.Equal(0, Operations.Count);
    }

    [Fact]
    public async Task A_key_without_the_scope_for_messages_is_not_enough()
    {
        var reader = Connect(await KeyAsync(ApiScopes.AgentsRead));

        var seen = await RefusedAsync(reader, A2aOperation.GetTask, new GetTaskRequest { Id = "t-1" });

        reader.AssertRefused(ErrorCode.PermissionDenied, seen);
        Assert.Equal(0, Operations.Count);
    }

    [Fact]
    public async Task A_key_that_calls_too_often_is_told_when_to_come_back()
    {
        Operations.Answer = _ => A2aSamples.Task();
        A2aRefused? seen = null;
        for (var call = 0; call < 300 && seen is null; call++)
        {
            seen = await TryAsync(Client, A2aOperation.GetTask, new GetTaskRequest { Id = "t-1" });
        }

        var other = await TryAsync(Connect(await KeyAsync(ApiScopes.Messages)), A2aOperation.GetTask, new GetTaskRequest { Id = "t-1" });

        Client.AssertRefused(ErrorCode.RateLimited, Assert.IsType<A2aRefused>(seen));
        AssertToldWhen(seen!);
        Assert.Null(other);
    }

    [Fact]
    public async Task Ten_thousand_events_arrive_in_order()
    {
        Operations.Events = (_, _, _) => A2aSamples.ManyAsync(10_000);

        var seen = await ReadAsync(A2aOperation.SendStreamingMessage, A2aSamples.Send(), null);

        Assert.Equal(Enumerable.Range(1, 10_000).Select(number => (long)number), seen.Select(one => one.Number));
        Assert.Equal("9999", seen[^1].Response.ArtifactUpdate.Artifact.Parts[0].Text);
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_stream_and_nothing_else()
    {
        var ended = new TaskCompletionSource();
        Operations.Events = (_, _, cancellationToken) => A2aSamples.WaitAsync(ended, cancellationToken);
        using var going = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var stream = Client.StreamAsync(A2aOperation.SendStreamingMessage, A2aSamples.Send(), null, going.Token).GetAsyncEnumerator(Stop);
        Assert.True(await stream.MoveNextAsync());

        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.MoveNextAsync());

        await ended.Task.WaitAsync(Deadline.Shared, Stop);
    }

    /// <summary>A client with a key of acme's, or with none, at the agent's own address.</summary>
    private protected abstract A2aTestClient Connect(string key);

    /// <summary>The challenge that goes with a refused key.</summary>
    private protected virtual void AssertChallenged(A2aRefused seen)
    {
        Assert.Equal((int)HttpStatusCode.Unauthorized, seen.Status);
        Assert.Equal("Bearer", seen.Headers!.WwwAuthenticate.ToString());
    }

    /// <summary>When to come back, as HTTP has it.</summary>
    private protected virtual void AssertToldWhen(A2aRefused seen)
    {
        Assert.Equal((int)HttpStatusCode.TooManyRequests, seen.Status);
        Assert.NotNull(seen.Headers!.RetryAfter);
    }

    private protected HttpClient ClientWith(string key)
    {
        var client = Hub.ClientWith(key);
        if (key.Length == 0)
        {
            client.DefaultRequestHeaders.Authorization = null;
        }

        return client;
    }

    private static async IAsyncEnumerable<TaskEvent> ThenAsync(IAsyncEnumerable<TaskEvent> events, Exception exception)
    {
        await foreach (var one in events)
        {
            yield return one;
        }

        throw exception;
    }

    private static async Task<A2aRefused> RefusedAsync(A2aTestClient client, A2aOperation operation, IMessage request) =>
        await TryAsync(client, operation, request) ?? throw new InvalidOperationException($"{operation} was not refused.");

    private static async Task<A2aRefused?> TryAsync(A2aTestClient client, A2aOperation operation, IMessage request)
    {
        try
        {
            if (operation is not (A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask))
            {
                await client.CallAsync(operation, request, Stop);
                return null;
            }

            await ListAsync(client.StreamAsync(operation, request, null, Stop));
            return null;
        }
        catch (A2aRefused refused)
        {
            return refused;
        }
    }

    private static async Task<List<TaskEvent>> ListAsync(IAsyncEnumerable<TaskEvent> events)
    {
        var seen = new List<TaskEvent>();
        await foreach (var one in events.WithCancellation(Stop))
        {
            seen.Add(one);
        }

        return seen;
    }

    private Task<List<TaskEvent>> ReadAsync(A2aOperation operation, IMessage request, long? after) => ListAsync(Client.StreamAsync(operation, request, after, Stop));

    // The door adds the agent of the address, and what the version's absence of a choice means.
    private void AssertAsked(IMessage expected)
    {
        var (call, request) = Operations.Last;
        expected.Descriptor.FindFieldByName("tenant").Accessor.SetValue(expected, "bob");

        Assert.Equal(expected, request);
        Assert.Equal(Client.Version, call.Version);
        Assert.Equal("acme", call.Caller.Owner);
    }

    private async Task<string> KeyAsync(ApiScopes scopes) => (await Hub.Get<ApiKeys>().CreateAsync("acme", scopes, null, "test", Stop)).Secret;

    private void Compose(IServiceCollection services)
    {
        services.RemoveAll<IAgentOperations>().AddSingleton<IAgentOperations>(Operations);
        services.RemoveAll<IAgentCards>().AddSingleton<IAgentCards>(Cards);
    }
}
