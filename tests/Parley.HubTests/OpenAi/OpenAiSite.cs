using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Client.Responders;
using AgentCard = Parley.Gateway.Wire.V1.AgentCard;
using Parley.Hub;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.HubTests.OpenAi;

/// <summary>A hub with the agent <c>acme.bob</c>, which is its default agent too, and a caller with a key of acme.</summary>
internal sealed class OpenAiSite : IAgentCards, IAsyncDisposable
{
    private AgentRegistry _agents = null!;

    private OpenAiSite()
    {
    }

    /// <summary>The hub.</summary>
    public HubFixture Hub { get; private set; } = null!;

    /// <summary>The agent.</summary>
    public EnrolledAgent Bob { get; private set; } = null!;

    /// <summary>A caller with a key for messages.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>What the agent's listeners say they can.</summary>
    public HashSet<string> Capabilities { get; } = [];

    /// <summary>Whether the hub has a default agent.</summary>
    public bool HasDefault { get; set; } = true;

    /// <summary>Starts all of it.</summary>
    public static async Task<OpenAiSite> StartAsync(Action<HubOptions>? configure = null, TimeProvider? time = null)
    {
        var site = new OpenAiSite();
        var parts = new HubParts(null, null) { Compose = services => services.AddSingleton<IAgentCards>(site) };
        site.Hub = await HubFixture.StartNodeAsync(null, parts, configure, time);
        site._agents = site.Hub.Get<AgentRegistry>();
        site.Bob = await site.Hub.EnrolAsync("bob");
        site.Client = site.ClientWith(await site.MakeKeyAsync("acme"));
        return site;
    }

    /// <summary>Starts the hub again after it was stopped.</summary>
    public async Task StartAgainAsync()
    {
        await Hub.StartAgainAsync();
        _agents = Hub.Get<AgentRegistry>();
    }

    /// <summary>Makes a key.</summary>
    public async Task<string> MakeKeyAsync(string owner, ApiScopes scopes = ApiScopes.Default) =>
        (await Hub.Get<ApiKeys>().CreateAsync(owner, scopes, null, "test")).Secret;

    /// <summary>A caller with a key; null for one without.</summary>
    public HttpClient ClientWith(string? key)
    {
        var client = new HttpClient { BaseAddress = Hub.Hub.Http };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Lets the agent answer with a text.</summary>
    public Task<TestListener> AnswerAsync(Func<ResponderRequest, string> answer) =>
        Hub.ConnectListenerAsync(Bob, DelegateResponder.OfText((request, _) => Task.FromResult(answer(request))), new ListenSetup(), TestContext.Current.CancellationToken);

    /// <summary>Lets the agent answer with events.</summary>
    public Task<TestListener> RespondAsync(Func<ResponderRequest, CancellationToken, IAsyncEnumerable<ResponderEvent>> respond) =>
        Hub.ConnectListenerAsync(Bob, new DelegateResponder(respond), new ListenSetup(), TestContext.Current.CancellationToken);

    /// <summary>Posts JSON.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json, HttpClient? client = null, string? thread = null) => PostBytesAsync(path, Encoding.UTF8.GetBytes(json), client, thread);

    /// <summary>Posts bytes that claim to be JSON.</summary>
    public async Task<HttpResponseMessage> PostBytesAsync(string path, byte[] body, HttpClient? client = null, string? thread = null)
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        post.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (thread is not null)
        {
            post.Headers.Add("X-Parley-Thread", thread);
        }

        return await (client ?? Client).SendAsync(post, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts JSON and reads JSON; fails when the answer is a refusal.</summary>
    public async Task<JsonElement> AskAsync(string path, string json, HttpClient? client = null, string? thread = null)
    {
        using var response = await PostAsync(path, json, client, thread);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return await JsonOfAsync(response);
    }

    /// <summary>A response's body.</summary>
    public static async Task<JsonElement> JsonOfAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    /// <summary>The data of all events of a stream.</summary>
    public static async Task<IReadOnlyList<string>> EventsOfAsync(HttpResponseMessage response) =>
        [.. (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..])];

    /// <inheritdoc/>
    public AgentAddress Find(Principal caller, string name) => name.Length > 0
        ? _agents.FindVisible(caller, name).Address
        : HasDefault ? Bob.Address : throw new ParleyException(ErrorCode.AgentUnknown, "No default agent.");

    /// <inheritdoc/>
    public IReadOnlyList<AgentAddress> VisibleTo(Principal caller) => [.. _agents.VisibleTo(caller).Select(agent => agent.Address)];

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended) => throw new NotSupportedException();

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended, Uri baseUrl) => throw new NotSupportedException();

    /// <inheritdoc/>
    public IReadOnlySet<string> CapabilitiesOf(AgentAddress agent) => Capabilities;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Hub.DisposeAsync();
    }
}
