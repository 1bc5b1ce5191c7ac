using System.Collections.Concurrent;
using Parley.Testing;

namespace Parley.Tests.Hub;

/// <summary>Lets the later of two writers go on first after its commit: an order that a busy thread pool may choose, every time.</summary>
internal sealed class BackwardContext : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Run, object? State)> _steps = new();

    /// <summary>Starts both in their order, and goes on with the second before the first.</summary>
    public static async Task RunAsync(IdentityKit kit, Func<Task> first, Func<Task> second)
    {
        // Nothing is committed before both wait for it.
        using var isStarted = new ManualResetEventSlim();
        var holding = kit.Store.WriteAsync(_ => isStarted.Wait());
        var (behind, ahead) = (new BackwardContext(), new BackwardContext());
        var both = Task.WhenAll(behind.Start(first), ahead.Start(second));
        isStarted.Set();
        await holding;
        await Deadline.UntilAsync(ahead.Step, "the second has its commit");
        await Deadline.UntilAsync(
            () =>
            {
                ahead.Step();
                behind.Step();
                return both.IsCompleted;
            },
            "both are done");
        await both;
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => _steps.Enqueue((d, state));

    private Task Start(Func<Task> work)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            return work();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private bool Step()
    {
        if (!_steps.TryDequeue(out var step))
        {
            return false;
        }

        step.Run(step.State);
        return true;
    }
}
