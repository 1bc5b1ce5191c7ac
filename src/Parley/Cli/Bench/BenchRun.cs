using Parley.Client.Load;
using Parley.Output;
using Parley.Protocol.Errors;

namespace Parley.Cli.Bench;

/// <summary>Runs one plan with agents that it enrols.</summary>
internal sealed class BenchRun(BenchPlan plan, BenchAgents agents, Terminal terminal, TimeProvider time)
{
    // A message that is lost is a failure, not a hang.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    /// <summary>Enrols, connects, warms up and measures.</summary>
    public async Task<Histogram> RunAsync(CancellationToken cancellationToken)
    {
        var open = new List<IAsyncDisposable>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            terminal.Note($"joining {plan.Pairs * 2} agents");
            var pairs = new List<(IRequester Requester, string Target)>();
            for (var pair = 0; pair < plan.Pairs; pair++)
            {
                var (answering, asking) = (await agents.AddAsync(cancellationToken), await agents.AddAsync(cancellationToken));
                open.Add(await LoadResponder.ConnectAsync(answering, time, cancellationToken));
                var requester = await LoadRequester.ConnectAsync(asking, waits: true, time, cancellationToken);
                open.Add(requester);
                pairs.Add((requester, answering.Profile.Agent.ToString()));
            }

            terminal.Note($"{plan}, after {plan.WarmUp.TotalSeconds:0} s to warm up");
            var begin = time.GetTimestamp() + Ticks(plan.WarmUp);
            var loop = new RequestLoop(plan.Size, begin, begin + Ticks(plan.Length));
            var loops = pairs.SelectMany(pair => Enumerable.Range(0, plan.Window).Select(_ => Task.Run(() => loop.RunAsync(pair.Requester, pair.Target, time, ending.Token), cancellationToken)));
            return Merge(await FirstFailureAsync([.. loops]).WaitAsync(plan.WarmUp + plan.Length + _patience, time, cancellationToken));
        }
        catch (TimeoutException exception)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, "Not every request was answered: the load is more than the hub takes, or messages were lost.", exception);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.MessagePairRate)
        {
            throw new ParleyException(ErrorCode.MessagePairRate, "The hub limits how often two agents may write to each other: measure one that runs with --pair-rate 0.", exception);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.AgentPaused)
        {
            throw new ParleyException(ErrorCode.AgentPaused, "The hub limits what an agent may do in an hour: measure one that runs with --limit budget-messages=0.", exception);
        }
        finally
        {
            await ending.CancelAsync();
            foreach (var part in open)
            {
                await part.DisposeAsync();
            }
        }
    }

    /// <summary>Ends with the first loop that fails, instead of waiting for the others.</summary>
    private static async Task<Histogram[]> FirstFailureAsync(Task<Histogram>[] loops)
    {
        var left = loops.ToHashSet();
        while (left.Count > 0)
        {
            var done = await Task.WhenAny(left);
            await done;
            left.Remove(done);
        }

        return await Task.WhenAll(loops);
    }

    private static Histogram Merge(IEnumerable<Histogram> parts)
    {
        var whole = new Histogram();
        foreach (var part in parts)
        {
            whole.Add(part);
        }

        return whole;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
