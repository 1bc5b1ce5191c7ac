using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Hub;
using Parley.Hub.Outbound;

namespace Parley.Testing.Connections;

/// <summary>A hub with the agents agent-a and agent-b, a receiver of webhooks that it may call, and an admin.</summary>
internal sealed class ConnectionStage : IAsyncDisposable
{
    private ConnectionStage(ApiHub hub, WebhookReceiver receiver) => (Hub, Receiver) = (hub, receiver);

    /// <summary>The hub.</summary>
    public ApiHub Hub { get; }

    /// <summary>Where webhooks go.</summary>
    public WebhookReceiver Receiver { get; }

    /// <summary>Sets it up.</summary>
    public static async Task<ConnectionStage> StartAsync(Action<HubOptions>? configure = null, TimeProvider? time = null)
    {
        var receiver = await WebhookReceiver.StartAsync();
        var hub = await ApiHub.StartAsync(
            options =>
            {
                options.Outbound.Allowed = OutboundAllowList.Parse(["127.0.0.1"]);
                configure?.Invoke(options);
            },
            time);
        (await hub.JoinAsync("agent-a")).Dispose();
        (await hub.JoinAsync("agent-b")).Dispose();
        return new ConnectionStage(hub, receiver);
    }

    /// <summary>Calls the API as an admin, or as another caller.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)> CallAsync(string method, string path, string? body = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await (client ?? Hub.Admin).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonDocument.Parse(text.Length > 0 ? text : "{}").RootElement);
    }

    /// <summary>The same where only a good answer will do; its data.</summary>
    public async Task<JsonElement> DataAsync(string method, string path, string? body = null)
    {
        var (status, json) = await CallAsync(method, path, body);
        return (int)status < 300 ? json.GetProperty("data") : throw new InvalidOperationException($"{method} {path}: {status} {json.GetRawText()}");
    }

    /// <summary>Connects agent-a to the receiver; the connection's id and secret.</summary>
    /// <param name="more">Further members of its config, <c>"filter":{...},</c>.</param>
    public async Task<(string Id, string Secret)> ConnectAsync(string more = "")
    {
        var made = await DataAsync(
            "POST",
            "/api/agent-connections",
            $$$"""{"source_agent_id":"agent-a","target_agent_id":"agent-b","connection_type":"webhook","config":{"url":"{{{Receiver.Url}}}",{{{more}}}"events":["workflow.complete"]}}""");
        return (made.GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }

    /// <summary>Emits an event of agent-a's.</summary>
    public async Task<string> EmitAsync(string data = """{"workflow_id":"step-1"}""", string type = "workflow.complete", string more = "") =>
        (await DataAsync("POST", "/api/events", $$$"""{"source":"agent-a","type":"{{{type}}}",{{{more}}}"data":{{{data}}}}""")).GetProperty("id").GetString()!;

    /// <summary>Waits until a connection has so many deliveries in a state.</summary>
    public Task UntilAsync(string connection, string status, int count) => Deadline.UntilAsync(async () => await CountAsync(connection, status) == count, $"{count} deliveries are {status}");

    /// <summary>How many deliveries of a connection are in a state.</summary>
    public async Task<int> CountAsync(string connection, string status) =>
        (await CallAsync("GET", $"/api/deliveries?connection={connection}&status={status}")).Json.GetProperty("meta").GetProperty("total").GetInt32();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
