using System.Text.Json;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on deliveries: what became of them, and sending dead letters again.</summary>
internal sealed class DeliveryOperations(DeliveryReader reader, DeliveryStore store, Dispatcher dispatcher, ConnectionAccess access, TimeProvider time) : IOperationModule
{
    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("deliveries.list", Role.Agent, ApiScopes.Connections, _json.DeliveryArguments, _json.PageDeliveryView, ListAsync),
        Operation.Of("deliveries.get", Role.Agent, ApiScopes.Connections, _json.DeliveryArguments, _json.ItemDeliveryView, GetAsync),
        Operation.Of("deliveries.replay", Role.Agent, ApiScopes.Connections, _json.DeliveryArguments, _json.ItemDeliveryView, ReplayAsync),
        Operation.Of("connections.replay", Role.Agent, ApiScopes.Connections, _json.ConnectionCallArguments, _json.ItemReplayView, ReplayAllAsync),
    ];

    private async Task<Page<DeliveryView>> ListAsync(OperationCall call, DeliveryArguments arguments, CancellationToken cancellationToken)
    {
        var owner = arguments.Connection is { } connection ? access.Find(call.Caller, connection).Owner : access.OwnerFilter(call.Caller, null);
        DeliveryState? state = arguments.Status switch
        {
            null => null,
            "pending" => DeliveryState.Pending,
            "delivered" => DeliveryState.Delivered,
            "dead" => DeliveryState.Dead,
            _ => throw new ParleyException(ErrorCode.InvalidArgument, "A status is pending, delivered or dead.") { Field = "status" },
        };
        var (limit, offset) = Paging.Read(new ListArguments(arguments.Limit, arguments.Offset));
        var (found, total) = await reader.ListAsync(owner, arguments.Connection, state, limit, offset, access.HiddenFrom(call.Caller));
        return new Page<DeliveryView>([.. found.Select(delivery => ViewOf(delivery))], new PageMeta(total, limit, offset));
    }

    private async Task<Item<DeliveryView>> GetAsync(OperationCall call, DeliveryArguments arguments, CancellationToken cancellationToken) =>
        new(await WholeAsync(await FindAsync(call.Caller, arguments.Id)));

    private async Task<Item<DeliveryView>> ReplayAsync(OperationCall call, DeliveryArguments arguments, CancellationToken cancellationToken)
    {
        var delivery = await FindAsync(call.Caller, arguments.Id);
        await store.ReplayAsync(delivery.Row, time.GetUtcNow());
        dispatcher.Wake(delivery.Connection);
        call.Remember(delivery.Id);
        return new Item<DeliveryView>(await WholeAsync(await FindAsync(call.Caller, arguments.Id)));
    }

    // A thousand at a time, and going out meanwhile: how many there are costs no memory.
    private async Task<Item<ReplayView>> ReplayAllAsync(OperationCall call, ConnectionCallArguments arguments, CancellationToken cancellationToken)
    {
        var connection = access.Find(call.Caller, arguments.Id);
        var (since, until, now) = (arguments.Since ?? DateTimeOffset.UnixEpoch, arguments.Until ?? DateTimeOffset.MaxValue, time.GetUtcNow());
        var (total, last) = (0L, 0L);
        do
        {
            (var count, last) = await store.ReplayAsync(connection.Id, since, until, last, now);
            total += count;
            dispatcher.Wake(connection.Id);
        }
        while (last > 0 && !cancellationToken.IsCancellationRequested);

        call.Remember(connection.Id, $"{total} dead letters");
        return new Item<ReplayView>(new ReplayView(total));
    }

    private async Task<Delivery> FindAsync(Principal caller, string? id)
    {
        access.Require(caller);
        var found = await reader.FindAsync(id ?? string.Empty) ?? throw Unknown();
        access.Find(caller, found.Connection);
        return access.MaySee(caller, found.Event.Source) ? found : throw Unknown();
    }

    private async Task<DeliveryView> WholeAsync(Delivery delivery)
    {
        using var payload = JsonDocument.Parse(delivery.Event.ToPayload());
        var attempts = await reader.AttemptsAsync(delivery.Row);
        return ViewOf(delivery) with
        {
            Payload = payload.RootElement.Clone(),
            Log = [.. attempts.Select(attempt => new AttemptView(attempt.Number, attempt.At, (long)attempt.Duration.TotalMilliseconds, attempt.Status, NullIfEmpty(attempt.Error)))],
        };
    }

    private static DeliveryView ViewOf(Delivery delivery) => new(
        delivery.Id,
        delivery.Connection,
        delivery.Event.Id,
        delivery.Event.Type.Text,
        delivery.State switch { DeliveryState.Pending => "pending", DeliveryState.Delivered => "delivered", _ => "dead" },
        delivery.Attempts,
        delivery.CreatedAt,
        delivery.State == DeliveryState.Pending ? delivery.DueAt : null,
        delivery.EndedAt,
        NullIfEmpty(delivery.Error));

    private static ParleyException Unknown() => new(ErrorCode.NotFound, "There is no such delivery.");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
