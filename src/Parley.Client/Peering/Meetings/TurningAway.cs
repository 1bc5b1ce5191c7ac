using Parley.Protocol.Errors;

namespace Parley.Client.Peering.Meetings;

/// <summary>Turns sessions away that nobody wants: a few are told why, which may take a path, and several at once are just closed.</summary>
public sealed class TurningAway : IDisposable
{
    private const int MaxAtOnce = 4;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _room = new(MaxAtOnce);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Turns one away, within ten seconds, and closes it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tell">Tells why.</param>
    public async Task TurnAwayAsync(IPeerSession session, Func<IPeerSession, CancellationToken, Task> tell)
    {
        await using var open = session;
        if (!_room.Wait(0))
        {
            return;
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(_limit);
            await tell(session, limit.Token);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or ParleyException)
        {
            // It is gone, which is as good.
        }
        finally
        {
            _room.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Cancel();
}
