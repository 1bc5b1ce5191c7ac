using System.CommandLine;
using System.Globalization;
using Parley.Protocol.Management;

namespace Parley.Cli.Events;

/// <summary>The hub's events, through a <see cref="HubDoor"/>.</summary>
internal sealed class EventDoor : IAsyncDisposable
{
    private readonly HubDoor _door;

    private EventDoor(HubDoor door) => _door = door;

    private static ManagementJson Json => ManagementJson.Answers;

    /// <summary>Opens it.</summary>
    public static async Task<EventDoor> OpenAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken) => new(await HubDoor.OpenAsync(context, parsed, cancellationToken));

    /// <summary>Emits an event.</summary>
    public async Task<EmittedEvent> EmitAsync(EventArguments arguments, CancellationToken cancellationToken) => (await _door.CallAsync(
        "events.emit", arguments, Json.EventArguments, Json.ItemEmittedEvent,
        api => api.PostAsync("/api/events", arguments, Json.EventArguments, Json.ItemEmittedEvent, cancellationToken), cancellationToken)).Data;

    /// <summary>The next events, waiting for them for a while.</summary>
    public Task<EventPage> ListAsync(EventListArguments arguments, CancellationToken cancellationToken)
    {
        string?[] query =
        [
            arguments.After is { } after ? string.Create(CultureInfo.InvariantCulture, $"after={after}") : null,
            arguments.Types is { } types ? $"types={Uri.EscapeDataString(types)}" : null,
            arguments.Source is { } source ? $"source={Uri.EscapeDataString(source)}" : null,
            arguments.Wait is { } wait ? string.Create(CultureInfo.InvariantCulture, $"wait={wait}") : null,
        ];
        return _door.CallAsync(
            "events.list", arguments, Json.EventListArguments, Json.EventPage,
            api => api.GetAsync($"/api/events?{string.Join('&', query.OfType<string>())}", Json.EventPage, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _door.DisposeAsync();
}
