using Parley.Protocol.Errors;

namespace Parley.Client.Peering.Probes;

/// <summary>Answers other agents' probes: takes the paths that they find and sends back what comes on them, within limits.</summary>
/// <param name="peering">Whose.</param>
public sealed class ProbeAnswerer(IPeering peering)
{
    /// <summary>Bytes that are sent back on one path.</summary>
    private const int MaxBytes = 1024 * 1024;

    private const int MaxAtOnce = 4;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    /// <summary>Told of each path of a probe.</summary>
    public Action<IPeerSession, PeerPath>? OnPath { get; init; }

    /// <summary>Answers until it is cancelled, or the peering ends.</summary>
    /// <exception cref="ParleyException">The peering ended for good.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(MaxAtOnce);
        var answering = new List<Task>();
        try
        {
            await foreach (var session in peering.AcceptAsync(PeerPurpose.Probe, cancellationToken))
            {
                await room.WaitAsync(cancellationToken);
                answering.RemoveAll(task => task.IsCompleted);
                answering.Add(AnswerAsync(session, room, cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Done.
        }
        finally
        {
            await Task.WhenAll(answering);
        }
    }

    private static async Task EchoAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (var sent = 0; sent < MaxBytes;)
            {
                var count = await stream.ReadAsync(buffer, cancellationToken);
                if (count == 0)
                {
                    return;
                }

                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                sent += count;
            }
        }
        catch (IOException)
        {
            // The next way is tried, or the session ends.
        }
    }

    private async Task AnswerAsync(IPeerSession session, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        try
        {
            while (true)
            {
                try
                {
                    await using var path = await session.ConnectAsync(Enum.GetValues<PathKind>(), limit.Token);
                    OnPath?.Invoke(session, path);
                    await EchoAsync(path.Stream, limit.Token);
                }
                catch (ParleyException refusal) when (refusal.Code == ErrorCode.PeerUnreachable)
                {
                    // One way that does not work says nothing of the others.
                }
            }
        }
        catch (Exception exception) when (exception is ParleyException or OperationCanceledException)
        {
            // Whoever probes is told what came of it.
        }
        finally
        {
            await session.DisposeAsync();
            room.Release();
        }
    }
}
