using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Rooms;

/// <summary>Reads a seat's inbox item by item, across silence, drains and a hub that is away.</summary>
/// <param name="door">The way to the hub.</param>
/// <param name="token">Whose seat.</param>
/// <param name="time">Clock.</param>
/// <param name="random">For the jitter.</param>
public sealed class RoomReader(IRoomDoor door, string token, TimeProvider time, FillRandom random)
{
    // Our own wait that was cut may stand at the hub for a moment; another process's stands for long.
    private const int MostConflicts = 4;

    private static readonly TimeSpan _conflictPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _drainPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Told when the hub cannot be asked, before the next try.</summary>
    public Action<ParleyException>? OnTrouble { get; set; }

    /// <summary>Waits for the next item, as long as it takes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RoomNotIn"/>: the room is over or the hub was restarted. <see cref="ErrorCode.RoomWaitPending"/>: another process reads. And others.</exception>
    public async Task<RoomItem> NextAsync(CancellationToken cancellationToken)
    {
        var (failures, conflicts) = (0, 0);
        while (true)
        {
            TimeSpan pause;
            try
            {
                var item = await door.WaitAsync(token, cancellationToken);
                if (item is not null && item.Notice != RoomNotice.Draining)
                {
                    return item;
                }

                (failures, conflicts) = (0, 0);
                pause = item is null ? TimeSpan.Zero : _drainPause;
            }
            catch (ParleyException refusal) when (RoomRetry.IsTransient(refusal.Code))
            {
                pause = RoomRetry.DelayAfter(refusal, failures++, random);
                OnTrouble?.Invoke(refusal);
            }
            catch (ParleyException refusal) when (refusal.Code == ErrorCode.RoomWaitPending && conflicts++ < MostConflicts)
            {
                pause = _conflictPause;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }
}
