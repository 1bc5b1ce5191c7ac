using System.Text.Json;
using Parley.Hub.Connections.Events;
using Parley.Hub.Identity;
using Parley.Hub.Management.Automation;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on events: emitting them, and reading them as they come.</summary>
internal sealed class EventOperations(
    EventIntake intake, EventReader reader, EventAudience audience, EventAccess access, Chains chains, TimeProvider time) : IOperationModule
{
    private const int MaxWaitSeconds = 25;

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("events.emit", Role.Agent, ApiScopes.Events, _json.EventArguments, _json.ItemEmittedEvent, EmitAsync),
        Operation.Of("events.list", Role.Agent, ApiScopes.Events, _json.EventListArguments, _json.EventPage, ListAsync),
    ];

    /// <summary>An event as readers see it.</summary>
    public static EventView ViewOf(StoredEvent value)
    {
        using var data = JsonDocument.Parse(value.Data);
        return new EventView(
            value.Number, value.Id, value.Source.ToString(), value.Type.Text, value.Subject.Length > 0 ? value.Subject : null, value.At, value.Hops, value.TraceParent, data.RootElement.Clone());
    }

    private async Task<Item<EmittedEvent>> EmitAsync(OperationCall call, EventArguments arguments, CancellationToken cancellationToken)
    {
        var source = access.SourceOf(call.Caller, arguments.Source);
        var hops = chains.Admit(source, arguments.Hops);
        var emitted = await intake.EmitAsync(
            new NewEvent(source, EventType.Parse(arguments.Type), arguments.Data ?? EventJson.Object(_ => { }))
            {
                Id = arguments.Id,
                Subject = arguments.Subject ?? string.Empty,
                Hops = hops,
                TraceParent = arguments.TraceParent ?? string.Empty,
            },
            cancellationToken);
        return new Item<EmittedEvent>(new EmittedEvent(emitted.Event.Id, emitted.IsRepeat ? 0 : emitted.Deliveries.Count, emitted.IsRepeat));
    }

    private async Task<EventPage> ListAsync(OperationCall call, EventListArguments arguments, CancellationToken cancellationToken)
    {
        var query = access.QueryOf(call.Caller, arguments.Types, arguments.Source);
        var (limit, _) = Paging.Read(new ListArguments(arguments.Limit));
        var after = arguments.After ?? await reader.LastNumberAsync(cancellationToken);
        var (events, until) = await reader.ReadAsync(query, after, limit, cancellationToken);
        if (events.Count == 0 && arguments.Wait is > 0 and var wait)
        {
            using var seat = audience.Follow(query.Reader, query.Owner, query.Types);
            var (patience, began) = (TimeSpan.FromSeconds(Math.Min(wait, MaxWaitSeconds)), time.GetTimestamp());
            while (true)
            {
                var next = seat.Next;
                (events, until) = await reader.ReadAsync(query, until, limit, cancellationToken);
                var left = patience - time.GetElapsedTime(began);
                if (events.Count > 0 || left <= TimeSpan.Zero || audience.IsStopped)
                {
                    break;
                }

                await next.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return new EventPage([.. events.Select(ViewOf)], until);
    }
}
