using System.Net;
using Parley.Benchmarks.Measuring;
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

    /// <summary>Runs it; what a warm-up does is not counted.</summary>
    public async Task<LoadResult> RunAsync(IAgentPeer peer, TimeSpan warmUp, TimeSpan length, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, EnableMultipleHttp2Connections = false };
        using var invoker = new HttpMessageInvoker(handler);
        var client = A2aClient.Create(invoker, peer.EndpointOf(Binding), new A2aClientOptions { Credentials = peer.Credentials });
        var begin = timeProvider.GetTimestamp() + Ticks(warmUp, timeProvider);
        var end = begin + Ticks(length, timeProvider);
        var loops = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => LoopAsync(client, begin, end, timeProvider, cancellationToken), cancellationToken)).ToList();
        await Task.Delay(warmUp, timeProvider, cancellationToken);
        var before = (Server: ProcessUsage.ProcessorTime(peer.ProcessId), Own: ProcessUsage.ProcessorTime(Environment.ProcessId));
        await Task.Delay(length, timeProvider, cancellationToken);
        var used = (Server: ProcessUsage.ProcessorTime(peer.ProcessId) - before.Server, Own: ProcessUsage.ProcessorTime(Environment.ProcessId) - before.Own);
        var merged = new Histogram();
        foreach (var result in await Task.WhenAll(loops))
        {
            merged.Add(result);
        }

        return new LoadResult(merged, length, used.Server, used.Own);
    }

    private static long Ticks(TimeSpan time, TimeProvider timeProvider) => (long)(time.TotalSeconds * timeProvider.TimestampFrequency);

    private static async Task<Histogram> LoopAsync(IA2aClient client, long begin, long end, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var durations = new Histogram();
        for (var now = timeProvider.GetTimestamp(); now < end;)
        {
            var message = new Message { MessageId = Guid.CreateVersion7(timeProvider.GetUtcNow()).ToString("N"), Role = Role.User, Parts = { new Part { Text = _text } } };
            var answer = await client.SendAsync(new SendMessageRequest { Message = message }, cancellationToken);
            if (answer.Task?.Status?.State != TaskState.Completed || answer.Task.Artifacts is not [{ Parts: [{ Text: var text }] }] || text != _text)
            {
                throw new InvalidOperationException($"{answer.Task?.Status?.State}: this is not the answer of the agent.");
            }

            var then = timeProvider.GetTimestamp();
            if (now >= begin && then <= end)
            {
                durations.Record((long)timeProvider.GetElapsedTime(now, then).TotalNanoseconds);
            }

            now = then;
        }

        return durations;
    }
}
