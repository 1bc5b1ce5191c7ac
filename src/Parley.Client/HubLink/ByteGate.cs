namespace Parley.Client.HubLink;

/// <summary>Lets large bodies onto a link while together they stay under a limit: the hub ends a link that opens more than it has memory for. First come, first served.</summary>
internal sealed class ByteGate(long limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Turn)> _waiting = new();
    private long _taken;

    /// <summary>Waits until the bytes have room; one body alone always has.</summary>
    public async Task EnterAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Turn)> place;
        lock (_gate)
        {
            place = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            Admit();
        }

        await using var registration = cancellationToken.Register(() => GiveUp(place, cancellationToken));
        await place.Value.Turn.Task;
    }

    /// <summary>Gives the bytes back.</summary>
    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _taken -= bytes;
            Admit();
        }
    }

    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Turn)> place, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
                place.Value.Turn.TrySetCanceled(cancellationToken);
                Admit();
            }
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && (_taken == 0 || _taken + first.Value.Bytes <= limit))
        {
            _waiting.RemoveFirst();
            _taken += first.Value.Bytes;
            first.Value.Turn.TrySetResult();
        }
    }
}
