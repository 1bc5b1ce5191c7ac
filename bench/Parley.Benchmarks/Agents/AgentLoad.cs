using System.Net;
using Parley.Benchmarks.Scenarios;
using Parley.Client.Load;
using Parley.Gateway.Client;
using Parley.Gateway.Wire.V1;
using Task = System.Threading.Tasks.Task;

namespace Parley.Benchmarks.Agents;

/// <summary>Clients that send a message, wait for the task that it became, and send the next.</summary>
/// <param name="Clients">How many at once.</param>
/// <param name="Binding">How they speak.</param>
internal sealed record AgentLoad(int Clients, A2aBinding Binding)
{
    private static readonly string _text = new('x', 128);

    /// <summary>Runs it.</summary>
    public async Task<LoadResult> RunAsync(IAgentPeer peer, MeasuredWindow window, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, EnableMultipleHttp2Connections = false };
        using var invoker = new HttpMessageInvoker(handler);
        var client = A2aClient.Create(invoker, peer.EndpointOf(Binding), new A2aClientOptions { Credentials = peer.Credentials });
        return await window.RunAsync(peer, Enumerable.Range(0, Clients).Select<int, Func<Task<Histogram>>>(_ => () => LoopAsync(client, window, timeProvider, cancellationToken)), cancellationToken);
    }

    private static async Task<Histogram> LoopAsync(IA2aClient client, MeasuredWindow window, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var durations = new Histogram();
        for (var now = window.Now; !window.IsOver(now);)
        {
            var message = new Message { MessageId = Guid.CreateVersion7(timeProvider.GetUtcNow()).ToString("N"), Role = Role.User, Parts = { new Part { Text = _text } } };
            var answer = await client.SendAsync(new SendMessageRequest { Message = message }, cancellationToken);
            if (answer.Task?.Status?.State != TaskState.Completed || answer.Task.Artifacts is not [{ Parts: [{ Text: var text }] }] || text != _text)
            {
                throw new InvalidOperationException($"{answer.Task?.Status?.State}: this is not the answer of the agent.");
            }

            var then = window.Now;
            window.Record(durations, now, then);
            now = then;
        }

        return durations;
    }
}
