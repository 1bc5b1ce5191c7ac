using System.Net.Http.Headers;
using System.Net.Http.Json;
using Parley.Gateway.Client;
using Parley.Gateway.Sse;
using Parley.Gateway.Wire.V1;
using Task = System.Threading.Tasks.Task;

namespace Parley.Benchmarks.Agents;

/// <summary>A streamed answer of an agent through one of the hub's doors, read up to its first word and then, where it is wanted, to its end.</summary>
internal abstract class AgentStream : IAsyncDisposable
{
    private const long MaxBytes = 1 << 20;

    /// <summary>Reads until the agent has said something.</summary>
    public abstract Task FirstWordAsync(CancellationToken cancellationToken);

    /// <summary>Reads to the end.</summary>
    public abstract Task EndAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>A2A's SendStreamingMessage over JSON-RPC.</summary>
    public static AgentStream OverA2a(HttpMessageInvoker invoker, HubAgentPeer hub, string text, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var client = A2aClient.Create(invoker, hub.EndpointOf(A2aBinding.JsonRpc), new A2aClientOptions { Credentials = hub.Credentials });
        var message = new Message { MessageId = Guid.CreateVersion7(timeProvider.GetUtcNow()).ToString("N"), Role = Role.User, Parts = { new Part { Text = text } } };
        return new Of<A2aEvent>(client.SendStreamingAsync(new SendMessageRequest { Message = message }, cancellationToken), one => one.Response.ArtifactUpdate is not null);
    }

    /// <summary>OpenAI's chat completion with <c>stream</c>.</summary>
    public static AgentStream OverOpenAi(HttpMessageInvoker invoker, HubAgentPeer hub, string text, CancellationToken cancellationToken) =>
        new Of<string>(ChatAsync(invoker, hub, text, cancellationToken), data => data.Contains("first", StringComparison.Ordinal));

    private static async IAsyncEnumerable<string> ChatAsync(
        HttpMessageInvoker invoker, HubAgentPeer hub, string text, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = new Dictionary<string, object>
        {
            ["model"] = HubAgentPeer.AgentName,
            ["stream"] = true,
            ["messages"] = new[] { new Dictionary<string, string> { ["role"] = "user", ["content"] = text } },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(hub.Http, "/v1/chat/completions")) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", hub.Key);
        using var response = await invoker.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        await foreach (var one in SseReader.ReadAsync(await response.Content.ReadAsStreamAsync(cancellationToken), MaxBytes, cancellationToken))
        {
            yield return one.Data;
        }
    }

    private sealed class Of<T>(IAsyncEnumerable<T> events, Func<T, bool> isWord) : AgentStream
    {
        private readonly IAsyncEnumerator<T> _events = events.GetAsyncEnumerator(CancellationToken.None);

        public override async Task FirstWordAsync(CancellationToken cancellationToken)
        {
            do
            {
                if (!await _events.MoveNextAsync())
                {
                    throw new InvalidOperationException("The stream ended before the agent said anything.");
                }
            }
            while (!isWord(_events.Current));
        }

        public override async Task EndAsync()
        {
            while (await _events.MoveNextAsync())
            {
                // Nothing more is asked of it.
            }
        }

        public override ValueTask DisposeAsync() => _events.DisposeAsync();
    }
}
