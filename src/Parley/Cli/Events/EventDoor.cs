using System.CommandLine;
using System.Globalization;
using Parley.Protocol.Management;

namespace Parley.Cli.Events;

/// <summary>The way to the hub's events: an agent's own link when this home has joined a hub, else the hub's API with the admin key.</summary>
internal sealed class EventDoor : IAsyncDisposable
{
    private readonly HubDoor _door;

    private EventDoor(HubDoor door) => _door = door;

    private static ManagementJson Json => ManagementJson.Answers;

    /// <summary>Opens it; <c>--hub</c> and <c>--hub-data</c> mean the API.</summary>
    public static async Task<EventDoor> OpenAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken) =>
        new(await HubDoor.OpenAsync(context, parsed, cancellationToken));

    /// <summary>Emits an event.</summary>
    public async Task<EmittedEvent> EmitAsync(EventArguments arguments, CancellationToken cancellationToken)
    {
        if (_door.Api is { } api)
        {
            return (await api.PostAsync("/api/events", arguments, Json.EventArguments, Json.ItemEmittedEvent, cancellationToken)).Data;
        }

        return (await _door.CallAsync("events.emit", arguments, Json.EventArguments, Json.ItemEmittedEvent, cancellationToken)).Data;
    }

    /// <summary>The next events, waiting for them for a while.</summary>
    public async Task<EventPage> ListAsync(EventListArguments arguments, CancellationToken cancellationToken)
    {
        if (_door.Api is { } api)
        {
            string?[] query =
            [
                arguments.After is { } after ? string.Create(CultureInfo.InvariantCulture, $"after={after}") : null,
                arguments.Types is { } types ? $"types={Uri.EscapeDataString(types)}" : null,
                arguments.Source is { } source ? $"source={Uri.EscapeDataString(source)}" : null,
                arguments.Wait is { } wait ? string.Create(CultureInfo.InvariantCulture, $"wait={wait}") : null,
            ];
            return await api.GetAsync($"/api/events?{string.Join('&', query.OfType<string>())}", Json.EventPage, cancellationToken);
        }

        return await _door.CallAsync("events.list", arguments, Json.EventListArguments, Json.EventPage, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _door.DisposeAsync();
}
