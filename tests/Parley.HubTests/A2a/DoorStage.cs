using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Hub;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.A2a;

namespace Parley.HubTests.A2a;

/// <summary>A hub whose operations answer as a test says, and a caller who writes HTTP by hand.</summary>
internal sealed class DoorStage : IAsyncDisposable
{
    private DoorStage(ApiHub hub, FakeAgentOperations operations, FakeAgentCards cards, HttpClient http) => (Hub, Operations, Cards, Http) = (hub, operations, cards, http);

    /// <summary>The hub.</summary>
    public ApiHub Hub { get; }

    /// <summary>What answers.</summary>
    public FakeAgentOperations Operations { get; }

    /// <summary>The agents: acme's bob and eve, umbrella's bob.</summary>
    public FakeAgentCards Cards { get; }

    /// <summary>A caller with a key of acme.</summary>
    public HttpClient Http { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Sets it up.</summary>
    public static async Task<DoorStage> StartAsync(Action<HubOptions>? configure = null)
    {
        var (operations, cards) = (new FakeAgentOperations(), new FakeAgentCards());
        cards.Add(new AgentAddress("acme", "bob"));
        cards.Add(new AgentAddress("acme", "eve"));
        cards.Add(new AgentAddress("umbrella", "bob"));
        var hub = await ApiHub.StartAsync(configure, parts: new HubParts(null, null)
        {
            Compose = services => services
                .RemoveAll<IAgentOperations>().AddSingleton<IAgentOperations>(operations)
                .RemoveAll<IAgentCards>().AddSingleton<IAgentCards>(cards),
        });
        var (_, secret) = await hub.Get<ApiKeys>().CreateAsync("acme", ApiScopes.Messages, null, "test", Stop);
        return new DoorStage(hub, operations, cards, hub.ClientWith(secret));
    }

    /// <summary>Posts a body.</summary>
    public Task<Answered> PostAsync(string path, string body, string? type = "application/json", params (string Name, string Value)[] headers) =>
        SendAsync("POST", path, body, type, headers);

    /// <summary>Gets.</summary>
    public Task<Answered> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, null, null, headers);

    /// <summary>Sends a request.</summary>
    public async Task<Answered> SendAsync(string method, string path, string? body, string? type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await Http.SendAsync(request, Stop);
        return new Answered(response.StatusCode, response.Content.Headers.ContentType?.ToString(), response.Headers, await response.Content.ReadAsStringAsync(Stop));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        return Hub.DisposeAsync();
    }
}

/// <summary>An answer as it came.</summary>
internal sealed record Answered(HttpStatusCode Status, string? Type, HttpResponseHeaders Headers, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The code of JSON-RPC's error.</summary>
    public int ErrorCode => Json.GetProperty("error").GetProperty("code").GetInt32();
}
