using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Parley.Client.Transfer.Wire;

namespace Parley.Client.Transfer;

/// <summary>Tasks that live as long as one path: the first to fail ends the others, and its failure is the one that is told.</summary>
internal static class PathRun
{
    /// <summary>Runs tasks until those that count are done.</summary>
    /// <param name="lasting">Ends when the others have.</param>
    /// <param name="failing">Told of the first failure, before the others are waited for: some may wait for what only it can end.</param>
    /// <param name="cancellationToken">Ends them all.</param>
    /// <param name="tasks">Those that count.</param>
    public static async Task TogetherAsync(
        Func<CancellationToken, Task> lasting, Func<Exception, Task> failing, CancellationToken cancellationToken, params Func<CancellationToken, Task>[] tasks)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var background = Task.Run(() => lasting(stop.Token), CancellationToken.None);
        var running = tasks.Select(task => Task.Run(() => task(stop.Token), CancellationToken.None)).ToList();
        List<Task> left = [background, .. running];
        Exception? first = null;
        while (running.Count > 0)
        {
            var done = await Task.WhenAny(left);
            left.Remove(done);
            running.Remove(done);
            if (!done.IsCompletedSuccessfully && first is null)
            {
                first = done.Exception?.InnerException ?? new OperationCanceledException(stop.Token);
                await stop.CancelAsync();
                await failing(first);
            }
        }

        await stop.CancelAsync();
        try
        {
            await background;
        }
        catch (OperationCanceledException)
        {
            // How it ends.
        }
        catch (Exception exception) when (first is not null || IsBroken(exception))
        {
            // The first failure counts; a break after the end does no harm.
        }

        if (first is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(first);
        }
    }

    /// <summary>Says that we are here, and notices when the other end does not.</summary>
    /// <remarks>
    /// A path that takes no more of our words may still bring what was sent before it broke, such as why; who reads notices its end. While nobody reads, as in the middle of a manifest,
    /// a write that does not end says the same.
    /// </remarks>
    /// <exception cref="IOException">It said nothing, or took nothing, for too long.</exception>
    public static async Task WatchAsync(FrameReader reader, FrameSink sink, TimeSpan maxSilence, TimeProvider time, CancellationToken cancellationToken)
    {
        var alive = new FrameBuilder(FrameKind.Alive).ToFrame();
        var saying = Task.CompletedTask;
        var isHeard = true;
        var (write, stuck) = (0L, TimeSpan.Zero);
        while (true)
        {
            await Task.Delay(maxSilence / 4, time, cancellationToken);
            var current = sink.CurrentWrite;
            (write, stuck) = (current, current != 0 && current == write ? stuck + (maxSilence / 4) : TimeSpan.Zero);
            if (reader.Silence > maxSilence || (stuck >= maxSilence && !reader.IsWaiting))
            {
                throw new IOException("The other end has been silent for too long.");
            }

            // A write that waits for the other end to read must not keep us from noticing that it is gone.
            if (saying.IsCompleted && isHeard)
            {
                isHeard = await EndsWellAsync(saying);
                saying = isHeard ? sink.SendAsync(alive, cancellationToken).AsTask() : saying;
            }
        }
    }

    private static async Task<bool> EndsWellAsync(Task saying)
    {
        try
        {
            await saying;
            return true;
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            return false;
        }
    }

    /// <summary>Whether a failure is that of a path, after which another one can go on.</summary>
    public static bool IsBroken(Exception exception) => exception is IOException or ObjectDisposedException or SocketException;
}
