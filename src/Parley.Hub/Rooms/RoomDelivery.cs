namespace Parley.Hub.Rooms;

/// <summary>An item on its way to a reader. Confirm it once the answer was written; disposed without that, it goes back to the head of the inbox.</summary>
/// <remarks>A door that hears of the reader's receipt (the link does) confirms only then.</remarks>
internal sealed class RoomDelivery : IDisposable
{
    private readonly RoomSeat? _place;
    private bool _isDone;

    /// <summary>An item that is leased.</summary>
    /// <param name="item">The item.</param>
    /// <param name="place">From whose inbox; null for words of the hub that are in no inbox.</param>
    public RoomDelivery(RoomItem item, RoomSeat? place) => (Item, _place) = (item, place);

    /// <summary>What to show.</summary>
    public RoomItem Item { get; }

    /// <summary>It was written.</summary>
    public void Confirm() => Finish(static (seat, item) => seat.Confirm(item));

    /// <inheritdoc/>
    public void Dispose() => Finish(static (seat, item) => seat.Return(item));

    private void Finish(Action<Seat, RoomItem> finish)
    {
        if (_place is null)
        {
            return;
        }

        // A reader's receipt and the end of its connection may come at once: the first one counts.
        lock (_place.Room.Room.Gate)
        {
            if (!_isDone)
            {
                _isDone = true;
                finish(_place.Seat, Item);
            }
        }
    }
}
