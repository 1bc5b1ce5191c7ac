using Microsoft.Data.Sqlite;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Webhooks;

namespace Parley.Hub.Connections.Outbox;

/// <summary>A way to receivers: HTTP, or an agent's mailbox.</summary>
internal interface IDeliveryRoute
{
    /// <summary>Whether it is the way of a connection.</summary>
    bool Serves(Connection connection);

    /// <summary>Makes one attempt. It throws nothing but the cancellation: what went wrong is in the result.</summary>
    Task<DeliveryResult> SendAsync(Connection connection, Delivery delivery, CancellationToken cancellationToken);
}

/// <summary>What an attempt came to.</summary>
/// <param name="Verdict">How the receiver took it.</param>
internal sealed record DeliveryResult(WebhookVerdict Verdict)
{
    /// <summary>The receiver's answer, as an event that is written in the same commit.</summary>
    public NewEvent? Answer { get; init; }

    /// <summary>Written in the same commit.</summary>
    public Action<SqliteConnection>? Write { get; init; }

    /// <summary>Done after the commit: what was answered may be forgotten elsewhere.</summary>
    public Action? Committed { get; init; }
}
