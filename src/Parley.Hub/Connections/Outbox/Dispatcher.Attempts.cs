using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Webhooks;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Outbox;

/// <content>One attempt: sending, writing down what came of it, and what it says of the endpoint.</content>
internal sealed partial class Dispatcher
{
    /// <returns>Whether it is over: taken, or given up.</returns>
    private async Task<bool> DeliverAsync(string connectionId, long row)
    {
        // A row that was read as due while its attempt was ending has a later time by now.
        if (!_leases.Holds(connectionId) || _connections.Find(connectionId) is not { Status: ConnectionStatus.Active } connection ||
            await _reader.FindAsync(row) is not { State: DeliveryState.Pending } delivery || delivery.DueAt > _clock.Now)
        {
            return false;
        }

        return await SendAsync(connection, delivery);
    }

    private async Task<bool> SendAsync(Connection connection, Delivery delivery)
    {
        var (at, began) = (_clock.Now, _time.GetTimestamp());
        var route = Array.Find(_routes, route => route.Serves(connection));
        var result = route is null ? new DeliveryResult(WebhookVerdict.Failed("Nothing leads to this target.")) : await route.SendAsync(connection, delivery, _cutting.Token);
        var attempt = new DeliveryAttempt(delivery.Attempts + 1, at, _time.GetElapsedTime(began), result.Verdict.Status, result.Verdict.Error);
        var state = await RecordAsync(connection, delivery, attempt, result);
        await NoteHealthAsync(connection, result.Verdict);
        return state != DeliveryState.Pending;
    }

    private async Task<DeliveryState> RecordAsync(Connection connection, Delivery delivery, DeliveryAttempt attempt, DeliveryResult result)
    {
        var now = _clock.Now;
        var wait = result.Verdict.Fate == WebhookFate.Again ? RetrySchedule.After(delivery.Tries + 1, _options.MaxAttempts, result.Verdict, _random) : null;
        var state = result.Verdict.Fate == WebhookFate.Taken ? DeliveryState.Delivered : wait is null ? DeliveryState.Dead : DeliveryState.Pending;
        var answer = result.Answer is { } told ? _intake.Prepare(told) : null;
        while (true)
        {
            try
            {
                await _store.RecordAsync(delivery.Row, attempt, state, now + (wait ?? TimeSpan.Zero), answer, result.Write);
                break;
            }
            catch (StoreUnavailableException)
            {
                // The store says so in the log. What the receiver took must not go out again because of it.
                await Task.Delay(_retryStoreAfter, _time, _cutting.Token);
            }
        }

        answer?.Publish();
        result.Committed?.Invoke();
        Count(connection, delivery, state);
        return state;
    }

    private void Count(Connection connection, Delivery delivery, DeliveryState state)
    {
        if (state == DeliveryState.Delivered)
        {
            Interlocked.Increment(ref _delivered);
            return;
        }

        Interlocked.Increment(ref _failed);
        if (state == DeliveryState.Dead)
        {
            Interlocked.Increment(ref _buried);
            LogDead(connection.Id, delivery.Id, delivery.Attempts + 1);
        }
    }

    // The breaker and the end of an endpoint are for addresses: an agent that is away has a mailbox.
    private async Task NoteHealthAsync(Connection connection, WebhookVerdict verdict)
    {
        var isTaken = verdict.Fate == WebhookFate.Taken;
        if (verdict.Fate == WebhookFate.Gone)
        {
            await DisableAsync(connection, verdict.Error);
        }
        else if (connection.IsToAddress && _queues.TryGetValue(connection.Id, out var queue))
        {
            lock (queue)
            {
                if (isTaken)
                {
                    queue.Breaker.Succeeded();
                }
                else
                {
                    queue.Breaker.Failed(_clock.Now);
                }
            }

            await NoteFailingAsync(connection, isTaken);
        }
    }

    private async Task NoteFailingAsync(Connection connection, bool isTaken)
    {
        var now = _clock.Now;
        if (isTaken != (connection.FailingSince is null))
        {
            await _connections.UpdateAsync(connection.Id, old => old with { FailingSince = isTaken ? null : old.FailingSince ?? now }, _cutting.Token);
        }
        else if (connection.FailingSince is { } since && now - since > _options.DisableAfter)
        {
            await DisableAsync(connection, "Nothing but failures for too long.");
        }
    }

    private async Task DisableAsync(Connection connection, string reason)
    {
        LogDisabled(connection.Id);
        await _connections.SetStatusAsync(connection.Id, ConnectionStatus.Disabled, reason, _cutting.Token);
        await _intake.TellOwnerAsync(connection.Owner, EventType.ConnectionDisabled, connection.Id, [("connection_id", connection.Id), ("reason", reason)], _cutting.Token);
    }
}
