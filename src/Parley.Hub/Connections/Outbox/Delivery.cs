using Parley.Hub.Connections.Events;

namespace Parley.Hub.Connections.Outbox;

/// <summary>Where a delivery stands.</summary>
internal enum DeliveryState
{
    /// <summary>It waits, or is under way.</summary>
    Pending,

    /// <summary>The receiver took it.</summary>
    Delivered,

    /// <summary>It was given up, and can be replayed.</summary>
    Dead,
}

/// <summary>An event on its way to one connection.</summary>
/// <param name="Row">Its place in the store.</param>
/// <param name="Id">The <c>webhook-id</c>: the same over all attempts and replays.</param>
/// <param name="Connection">Which connection.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">Attempts in all.</param>
/// <param name="Tries">Attempts since the last replay.</param>
/// <param name="DueAt">When it is tried next.</param>
/// <param name="CreatedAt">When the event came.</param>
/// <param name="EndedAt">When it was taken or given up.</param>
/// <param name="Error">What went wrong last.</param>
/// <param name="Event">The event.</param>
internal sealed record Delivery(
    long Row, string Id, string Connection, DeliveryState State, int Attempts, int Tries, DateTimeOffset DueAt, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, string Error, StoredEvent Event);

/// <summary>One attempt.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="At">When it began.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Status">The HTTP status; null when there was none.</param>
/// <param name="Error">What went wrong; empty when nothing did.</param>
internal sealed record DeliveryAttempt(int Number, DateTimeOffset At, TimeSpan Duration, int? Status, string Error);
