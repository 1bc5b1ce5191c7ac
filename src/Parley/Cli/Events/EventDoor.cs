using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Cli.Admin;
using Parley.Client.Config;
using Parley.Client.HubApi;
using Parley.Protocol.Management;

namespace Parley.Cli.Events;

/// <summary>The way to the hub's events: an agent's own link when this home has joined a hub, else the hub's API with the admin key.</summary>
internal sealed class EventDoor : IAsyncDisposable
{
    private readonly HomeLink? _home;
    private readonly HubApiClient? _api;

    private EventDoor(HomeLink? home, HubApiClient? api) => (_home, _api) = (home, api);

    private static ManagementJson Json => ManagementJson.Answers;

    /// <summary>Opens it; <c>--hub</c> and <c>--hub-data</c> mean the API.</summary>
    public static async Task<EventDoor> OpenAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var isAdmin = parsed.GetValue(AdminClient.Hub) is not null || AdminClient.DataOf(parsed) is not null || parsed.GetValue(AdminClient.KeyFile) is not null;
        return isAdmin || HubProfile.TryLoad(context.OpenHome()) is null
            ? new EventDoor(null, AdminClient.Open(context, parsed))
            : new EventDoor(await HomeLink.OpenAsync(context, cancellationToken), null);
    }

    /// <summary>Emits an event.</summary>
    public async Task<EmittedEvent> EmitAsync(EventArguments arguments, CancellationToken cancellationToken)
    {
        if (_api is not null)
        {
            return (await _api.PostAsync("/api/events", arguments, Json.EventArguments, Json.ItemEmittedEvent, cancellationToken)).Data;
        }

        using var answer = await _home!.Link.CallAsync("events.emit", JsonSerializer.SerializeToUtf8Bytes(arguments, Json.EventArguments), cancellationToken);
        return answer.Deserialize(Json.ItemEmittedEvent)!.Data;
    }

    /// <summary>The next events, waiting for them for a while.</summary>
    public async Task<EventPage> ListAsync(EventListArguments arguments, CancellationToken cancellationToken)
    {
        if (_api is not null)
        {
            string?[] query =
            [
                arguments.After is { } after ? string.Create(CultureInfo.InvariantCulture, $"after={after}") : null,
                arguments.Types is { } types ? $"types={Uri.EscapeDataString(types)}" : null,
                arguments.Source is { } source ? $"source={Uri.EscapeDataString(source)}" : null,
                arguments.Wait is { } wait ? string.Create(CultureInfo.InvariantCulture, $"wait={wait}") : null,
            ];
            return await _api.GetAsync($"/api/events?{string.Join('&', query.OfType<string>())}", Json.EventPage, cancellationToken);
        }

        using var answer = await _home!.Link.CallAsync("events.list", JsonSerializer.SerializeToUtf8Bytes(arguments, Json.EventListArguments), cancellationToken);
        return answer.Deserialize(Json.EventPage)!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_home is not null)
        {
            await _home.DisposeAsync();
        }
    }
}
