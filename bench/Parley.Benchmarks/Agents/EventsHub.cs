using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Parley.Benchmarks.Peers;
using Parley.Client.HubLink;
using Parley.Client.Journal;
using Parley.Client.Load;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Protocol.Wire;

namespace Parley.Benchmarks.Agents;

/// <summary>A hub whose admin connects agents and emits events, one whole listener in this process that notes when a message reaches it, and one agent that asks and emits over its link.</summary>
/// <param name="program">The built program.</param>
/// <param name="timeProvider">The stopwatch.</param>
/// <param name="durability">What a commit of the hub survives: <c>full</c> a power cut, <c>normal</c> a killed process.</param>
internal sealed class EventsHub(string program, TimeProvider timeProvider, string durability = "full") : IAsyncDisposable
{
    private const string Target = "bench";

    private readonly ServerProcess _server = new(timeProvider);
    private readonly int _http = ServerProcess.FreePort();
    private readonly int _grpc = ServerProcess.FreePort();
    private readonly Arrivals _arrivals = new(timeProvider);
    private readonly HttpClient _admin = new(new SocketsHttpHandler { UseProxy = false });
    private ParleyHomes? _homes;
    private ParleyListener? _listener;
    private LoadRequester? _requester;
    private HubLink? _link;

    /// <summary>Starts it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string[] options =
        [
            "--listen", HubServer.Address("http", _http), "--grpc", HubServer.Address("http", _grpc), "--message-log", "off", "--durability", durability, "--allow-outbound", "127.0.0.1",
            "--limit", "event-rate=10000000", "--limit", "agent-connections=1000000", "--pair-rate", "0", "--limit", "budget-messages=0",
        ];
        await HubServer.StartAsync(_server, program, _http, options, timeProvider, cancellationToken);
        var data = HubServer.DataOf(_server);
        _admin.BaseAddress = new Uri(HubServer.Address("http", _http));
        _admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "admin.key"), cancellationToken)).Trim());
        _homes = new ParleyHomes(Path.Combine(_server.Folder, "homes"), await ParleyHomes.MakeJoinStringAsync(program, data, cancellationToken), usesWebSocket: false, timeProvider);
        _listener = await ParleyListener.ConnectAsync(await _homes.EnsureAsync(Target, cancellationToken), new MemoryJournal(timeProvider), timeProvider, cancellationToken, _arrivals);
        var source = await _homes.EnsureAsync("source", cancellationToken);
        _requester = await LoadRequester.ConnectAsync(source, waits: true, timeProvider, cancellationToken);
        _link = LoadLink.Make(source, SessionRole.Caller, new NoEvents(), timeProvider);
        await LoadLink.OpenAsync(_link, cancellationToken);
    }

    /// <summary>Makes a connection of the source's events.</summary>
    /// <param name="workflow">Of this workflow's alone.</param>
    /// <param name="url">Where webhooks go; null: a turn of the listener's agent.</param>
    /// <param name="isPaused">Whether deliveries are stored and wait.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task ConnectAsync(string workflow, string? url, bool isPaused, CancellationToken cancellationToken)
    {
        var way = url is null ? $"\"connection_type\":\"direct\",\"target_agent_id\":\"{Target}\"" : $"\"url\":\"{url}\"";
        var made = await PostAsync("/api/agent-connections", $$$"""{"source_agent_id":"source",{{{way}}},"events":["workflow.complete"],"filter":{"workflow_id":"{{{workflow}}}"}}""", cancellationToken);
        if (isPaused)
        {
            await PostAsync($"/api/agent-connections/{made.GetProperty("data").GetProperty("id").GetString()}/pause", "{}", cancellationToken);
        }
    }

    /// <summary>Emits an event over HTTP; it is stored, with its deliveries, when this returns.</summary>
    /// <returns>How many deliveries it brings.</returns>
    public async Task<int> EmitAsync(string workflow, CancellationToken cancellationToken) =>
        (await PostAsync("/api/events", EventOf(workflow, "\"source\":\"source\","), cancellationToken)).GetProperty("data").GetProperty("deliveries").GetInt32();

    /// <summary>Deliveries that receivers took since the start.</summary>
    public async Task<long> DeliveredAsync(CancellationToken cancellationToken)
    {
        var metrics = await _admin.GetStringAsync("/metrics", cancellationToken);
        var line = metrics.Split('\n').First(text => text.StartsWith("parley_deliveries_total ", StringComparison.Ordinal) || text.StartsWith("parley_deliveries ", StringComparison.Ordinal));
        return (long)double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Nanoseconds from a send until the message is with the listener's responder.</summary>
    public async Task<long> SendAsync(CancellationToken cancellationToken)
    {
        var (arrival, begun) = (_arrivals.Next(), timeProvider.GetTimestamp());
        await _requester!.RequestAsync(Target, "hello"u8.ToArray(), cancellationToken);
        return Nanoseconds(begun, await arrival.WaitAsync(cancellationToken));
    }

    /// <summary>The same from an event that is emitted over the link and that a direct connection wants.</summary>
    public async Task<long> EmitToAgentAsync(string workflow, CancellationToken cancellationToken)
    {
        var (arrival, begun) = (_arrivals.Next(), timeProvider.GetTimestamp());
        await CallAsync("events.emit", EventOf(workflow), cancellationToken);
        return Nanoseconds(begun, await arrival.WaitAsync(cancellationToken));
    }

    /// <summary>Nanoseconds until a call over the link is answered.</summary>
    public async Task<long> CallTimeAsync(string? workflow, CancellationToken cancellationToken)
    {
        var begun = timeProvider.GetTimestamp();
        await CallAsync(workflow is null ? "whoami" : "events.emit", workflow is null ? "{}" : EventOf(workflow), cancellationToken);
        return Nanoseconds(begun, timeProvider.GetTimestamp());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _link, _requester, _listener })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        _homes?.Dispose();
        _admin.Dispose();
        await _server.DisposeAsync();
    }

    private static string EventOf(string workflow, string more = "") => $$$"""{{{{more}}}"type":"workflow.complete","data":{"workflow_id":"{{{workflow}}}"}}""";

    private long Nanoseconds(long begun, long ended) => (long)timeProvider.GetElapsedTime(begun, ended).TotalNanoseconds;

    private async Task CallAsync(string operation, string json, CancellationToken cancellationToken)
    {
        using var answer = await _link!.CallAsync(operation, Encoding.UTF8.GetBytes(json), cancellationToken);
    }

    private async Task<JsonElement> PostAsync(string path, string json, CancellationToken cancellationToken)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await _admin.PostAsync(path, content, cancellationToken);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
            : throw new InvalidOperationException(await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>A responder that notes when it was asked.</summary>
    private sealed class Arrivals(TimeProvider time) : IResponder
    {
        private TaskCompletionSource<long> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ResponderTraits Traits => ResponderTraits.None;

        public Task<long> Next() => (_next = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            _next.TrySetResult(time.GetTimestamp());
            await Task.CompletedTask;
            yield return new ResponderEvent.Text("done", IsDelta: false);
        }
    }

    private sealed class NoEvents : ILinkEvents
    {
        public void OnDelivery(IncomingEnvelope incoming)
        {
        }

        public void OnReceipt(Receipt receipt)
        {
        }

        public void OnConnected(Welcome welcome)
        {
        }

        public void OnDisconnected(string reason)
        {
        }
    }
}
