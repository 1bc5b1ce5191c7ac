using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Cli.A2a;
using Parley.Cli.Admin;
using Parley.Client.Config;
using Parley.Client.HubApi;

namespace Parley.Cli;

/// <summary>The way to the hub's operations that agents and admins share: an agent's own link when this home has joined a hub, else the hub's API with a key.</summary>
internal sealed class HubDoor : IAsyncDisposable
{
    private readonly HomeLink? _home;

    private HubDoor(HomeLink? home, HubApiClient? api) => (_home, Api) = (home, api);

    /// <summary>The hub's API; null when the calls go over the link.</summary>
    public HubApiClient? Api { get; }

    /// <summary>Opens it; <c>--hub</c>, <c>--hub-data</c> and <c>--key-file</c> mean the API.</summary>
    public static async Task<HubDoor> OpenAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var isApi = parsed.GetValue(AdminClient.Hub) is not null || AdminClient.DataOf(parsed) is not null || parsed.GetValue(AdminClient.KeyFile) is not null;
        return isApi || HubProfile.TryLoad(context.OpenHome()) is null
            ? new HubDoor(null, AdminClient.Open(context, parsed))
            : new HubDoor(await HomeLink.OpenAsync(context, cancellationToken), null);
    }

    /// <summary>Calls an operation over the link.</summary>
    public async Task<TResult> CallAsync<TArguments, TResult>(
        string operation, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<TResult> resultType, CancellationToken cancellationToken)
    {
        using var answer = await _home!.Link.CallAsync(operation, JsonSerializer.SerializeToUtf8Bytes(arguments, argumentsType), cancellationToken);
        return answer.Deserialize(resultType)!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        if (_home is not null)
        {
            await _home.DisposeAsync();
        }
    }
}
