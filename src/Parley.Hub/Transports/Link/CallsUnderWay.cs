namespace Parley.Hub.Transports.Link;

/// <summary>How many calls of one link the hub works on; room calls are counted by <see cref="LinkRooms"/>.</summary>
internal sealed class CallsUnderWay
{
    /// <summary>At once on one link.</summary>
    public const int Max = 256;

    private int _count;

    /// <summary>Counts one more; false when there are too many.</summary>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _count) <= Max)
        {
            return true;
        }

        End();
        return false;
    }

    /// <summary>One was answered.</summary>
    public void End() => Interlocked.Decrement(ref _count);
}
