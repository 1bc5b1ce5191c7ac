using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Cli.A2a;
using Parley.Cli.Admin;
using Parley.Client.Config;
using Parley.Client.HubApi;

namespace Parley.Cli;

/// <summary>The way to the hub's operations: an agent's own link when this home has joined a hub, else the hub's API with the admin key.</summary>
internal sealed class HubDoor : IAsyncDisposable
{
    private readonly HomeLink? _home;
    private readonly HubApiClient? _api;

    private HubDoor(HomeLink? home, HubApiClient? api) => (_home, _api) = (home, api);

    /// <summary>Opens it; <c>--hub</c> and <c>--hub-data</c> mean the API.</summary>
    public static async Task<HubDoor> OpenAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var isAdmin = parsed.GetValue(AdminClient.Hub) is not null || AdminClient.DataOf(parsed) is not null || parsed.GetValue(AdminClient.KeyFile) is not null;
        return isAdmin || HubProfile.TryLoad(context.OpenHome()) is null
            ? new HubDoor(null, AdminClient.Open(context, parsed))
            : new HubDoor(await HomeLink.OpenAsync(context, cancellationToken), null);
    }

    /// <summary>Calls an operation.</summary>
    /// <param name="operation">Its name, for the link.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="argumentsType">Their JSON.</param>
    /// <param name="resultType">The answer's JSON.</param>
    /// <param name="overHttp">The same over HTTP.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<TResult> CallAsync<TArguments, TResult>(
        string operation, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<TResult> resultType, Func<HubApiClient, Task<TResult>> overHttp, CancellationToken cancellationToken)
    {
        if (_api is not null)
        {
            return await overHttp(_api);
        }

        using var answer = await _home!.Link.CallAsync(operation, JsonSerializer.SerializeToUtf8Bytes(arguments, argumentsType), cancellationToken);
        return answer.Deserialize(resultType)!;
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
