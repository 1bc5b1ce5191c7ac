using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.States;

/// <summary>Shared states, through a <see cref="HubDoor"/>.</summary>
internal sealed class StateDoor : IAsyncDisposable
{
    private readonly HubDoor _door;

    private StateDoor(HubDoor door) => _door = door;

    private static ManagementJson Json => ManagementJson.Answers;

    /// <summary>Opens it.</summary>
    public static async Task<StateDoor> OpenAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken) => new(await HubDoor.OpenAsync(context, parsed, cancellationToken));

    /// <summary>Reads one, or waits for a later version of it.</summary>
    public async Task<StateView> GetAsync(StateArguments arguments, CancellationToken cancellationToken)
    {
        string?[] query =
        [
            arguments.After is { } after ? string.Create(CultureInfo.InvariantCulture, $"after={after}") : null,
            arguments.Wait is { } wait ? string.Create(CultureInfo.InvariantCulture, $"wait={wait}") : null,
            arguments.Connection is { } connection ? $"connection={Uri.EscapeDataString(connection)}" : null,
        ];
        return (await _door.CallAsync(
            "state.get", arguments, Json.StateArguments, Json.ItemStateView,
            api => api.GetAsync($"{PathOf(arguments)}?{string.Join('&', query.OfType<string>())}", Json.ItemStateView, cancellationToken), cancellationToken)).Data;
    }

    /// <summary>Replaces or changes one.</summary>
    public async Task<StateView> WriteAsync(StateArguments arguments, bool isPatch, CancellationToken cancellationToken) => (await _door.CallAsync(
        isPatch ? "state.patch" : "state.set",
        arguments,
        Json.StateArguments,
        Json.ItemStateView,
        api =>
        {
            var path = arguments.IfMatch is { } version ? $"{PathOf(arguments)}?ifMatch={Uri.EscapeDataString(version)}" : PathOf(arguments);
            return isPatch
                ? api.PatchAsync(path, arguments.Value!.Value, Json.JsonElement, Json.ItemStateView, cancellationToken)
                : api.PutAsync(path, arguments.Value!.Value, Json.JsonElement, Json.ItemStateView, cancellationToken);
        },
        cancellationToken)).Data;

    /// <summary>A page of those that one may read.</summary>
    public Task<Page<StateView>> ListAsync(string path, int? limit, int? offset, CancellationToken cancellationToken) => _door.CallAsync(
        "state.list", new StateArguments(Limit: limit, Offset: offset), Json.StateArguments, Json.PageStateView, api => api.GetAsync(path, Json.PageStateView, cancellationToken), cancellationToken);

    /// <summary>Prints one: JSON alone, so that a program can take it.</summary>
    public static void Print(CommandContext context, StateView view)
    {
        context.Terminal.WriteJson(context.IsJson ? JsonSerializer.Serialize(view, Json.StateView) : view.Data?.GetRawText() ?? "{}");
        context.Terminal.Flush();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _door.DisposeAsync();

    private static string PathOf(StateArguments arguments) =>
        $"/api/state/{Uri.EscapeDataString(arguments.Agent ?? throw new ParleyException(ErrorCode.InvalidArgument, "As an admin, name the agent whose state is meant."))}";
}
