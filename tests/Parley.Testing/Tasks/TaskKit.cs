using Parley.Client.Responders;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Hub;
using Parley.Hub.AgentApi;
using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.Identity;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;

namespace Parley.Testing.Tasks;

/// <summary>A hub with one agent, <c>acme.bob</c>, and the operations on its tasks as callers use them.</summary>
internal sealed class TaskKit : IAsyncDisposable
{
    private int _messages;

    private TaskKit(HubFixture hub, EnrolledAgent agent) => (Hub, Agent) = (hub, agent);

    /// <summary>The hub.</summary>
    public HubFixture Hub { get; }

    /// <summary>The agent.</summary>
    public EnrolledAgent Agent { get; }

    /// <summary>The cards.</summary>
    public OpenCards Cards { get; private set; } = null!;

    /// <summary>The operations.</summary>
    public IAgentOperations Tasks { get; private set; } = null!;

    /// <summary>The tasks in memory.</summary>
    public OpenTasks Open => Hub.Get<OpenTasks>();

    /// <summary>A caller with a key of the agent's owner.</summary>
    public static ApiCall Acme { get; } = CallOf("acme");

    /// <summary>Starts the hub and enrols the agent.</summary>
    public static async Task<TaskKit> StartAsync(Action<HubOptions>? configure = null, TimeProvider? time = null)
    {
        var hub = await HubFixture.StartAsync(configure, time);
        hub.ClientTime = time ?? TimeProvider.System;
        var kit = new TaskKit(hub, await hub.EnrolAsync("bob"));
        kit.Use();
        return kit;
    }

    /// <summary>A caller with a key of an owner.</summary>
    public static ApiCall CallOf(string owner, A2aVersion version = A2aVersion.V1) => new(new Principal(Parley.Hub.Identity.Role.Member, owner, null, ApiScopes.Default, "key-" + owner), version);

    /// <summary>Announces what a hub says whose store takes nothing.</summary>
    public void AllowFailingStore()
    {
        foreach (var line in new[] { "Store cannot write", "A periodic step of the hub failed", "The store did not take a message", "rows of the message log were lost" })
        {
            Hub.Log.Allow(line);
        }
    }

    /// <summary>Repeats a step until a store that failed takes it: it is tried again each second, and what comes before is refused.</summary>
    public static async Task<T> OnceStoredAsync<T>(Func<Task<T>> step)
    {
        T? result = default;
        await Deadline.UntilAsync(
            async () =>
            {
                try
                {
                    result = await step();
                    return true;
                }
                catch (ParleyException refusal) when (refusal.Code == ErrorCode.Unavailable)
                {
                    return false;
                }
            },
            "the store takes something again");
        return result!;
    }

    /// <summary>Stops the hub and starts it on the same data.</summary>
    public async System.Threading.Tasks.Task RestartAsync()
    {
        await Hub.StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Starts the hub that was stopped, on the same data.</summary>
    public async System.Threading.Tasks.Task StartAgainAsync()
    {
        await Hub.StartAgainAsync();
        Use();
    }

    /// <summary>A message of text with a fresh id.</summary>
    public SendMessageRequest Message(string text, Action<SendMessageRequest>? change = null)
    {
        var request = new SendMessageRequest
        {
            Tenant = "bob",
            Message = new Message { MessageId = $"m-{Interlocked.Increment(ref _messages)}", Role = Gateway.Wire.V1.Role.User, Parts = { new Part { Text = text } } },
        };
        change?.Invoke(request);
        return request;
    }

    /// <summary>Sends and waits.</summary>
    public async Task<Gateway.Wire.V1.Task> SendAsync(SendMessageRequest request, ApiCall? call = null) => (await Tasks.SendAsync(call ?? Acme, request, CancellationToken.None)).Task;

    /// <summary>Sends and does not wait.</summary>
    public Task<Gateway.Wire.V1.Task> PostAsync(string text) =>
        SendAsync(Message(text, request => request.Configuration = new SendMessageConfiguration { ReturnImmediately = true }));

    /// <summary>Sends and reads the stream to its end.</summary>
    public async Task<IReadOnlyList<TaskEvent>> StreamAsync(SendMessageRequest request, ApiCall? call = null) => await ListAsync(Tasks.StreamAsync(call ?? Acme, request, CancellationToken.None));

    /// <summary>Follows a task to the end of its stream.</summary>
    public async Task<IReadOnlyList<TaskEvent>> FollowAsync(string id, long? after = null) =>
        await ListAsync(Tasks.SubscribeAsync(Acme, new SubscribeToTaskRequest { Id = id }, after, CancellationToken.None));

    /// <summary>The task.</summary>
    public Task<Gateway.Wire.V1.Task> GetAsync(string id, ApiCall? call = null) => Tasks.GetAsync(call ?? Acme, new GetTaskRequest { Id = id }, CancellationToken.None);

    /// <summary>Waits until a task is in a state.</summary>
    public async Task<Gateway.Wire.V1.Task> UntilAsync(string id, TaskState state)
    {
        await Deadline.UntilAsync(async () => (await GetAsync(id)).Status.State == state, $"the task is {state}");
        return await GetAsync(id);
    }

    /// <summary>The agent listens and answers with text.</summary>
    public Task<TestListener> ListenAsync(Func<string, Task<string>> answer) =>
        Hub.ConnectListenerAsync(Agent, DelegateResponder.OfText((request, _) => answer(DelegateResponder.TextOf(request))), new ListenSetup(), CancellationToken.None);

    /// <summary>The agent listens and answers with events.</summary>
    public Task<TestListener> ListenAsync(Func<ResponderRequest, CancellationToken, IAsyncEnumerable<ResponderEvent>> answer, ListenSetup? setup = null) =>
        Hub.ConnectListenerAsync(Agent, new DelegateResponder(answer), setup ?? new ListenSetup(), CancellationToken.None);

    /// <summary>The agent listens and repeats what it is told.</summary>
    public Task<TestListener> EchoAsync() => ListenAsync(text => System.Threading.Tasks.Task.FromResult("echo " + text));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    private static async Task<IReadOnlyList<TaskEvent>> ListAsync(IAsyncEnumerable<TaskEvent> events)
    {
        var list = new List<TaskEvent>();
        await foreach (var one in events)
        {
            list.Add(one);
        }

        return list;
    }

    private void Use()
    {
        Cards = new OpenCards(Hub.Get<AgentRegistry>()) { Default = Agent.Address };
        Tasks = new TaskService(Cards, Open, Hub.Get<TaskReader>(), Hub.Get<OutboundPolicy>());
    }
}
