using System.Text;
using Microsoft.Extensions.Logging;
using Parley.Hub.Backplane;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Secrets;

namespace Parley.Hub.Connections;

/// <summary>Tells other nodes which connections and secrets changed, and that there is something to deliver for a connection that one of them has.</summary>
/// <remarks>A message is three lines: what, the sender's name, and which connection or owner. One that is lost costs the time until the next look: <see cref="DeliveryLeases.Step"/>.</remarks>
internal sealed partial class ConnectionNodes(
    IBackplane backplane, ConnectionRegistry connections, SecretStore secrets, Dispatcher dispatcher, DeliveryLeases leases, ILogger<ConnectionNodes> logger) : IAsyncDisposable
{
    private const string Changed = "changed";
    private const string News = "news";
    private const string Secret = "secret";

    private IAsyncDisposable? _subscription;

    /// <summary>Begins to tell and to listen; a hub that is alone does neither.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        connections.Changed = dispatcher.Changed;
        if (!leases.IsShared)
        {
            return;
        }

        connections.Changed += id => Tell(Changed, id);
        secrets.Changed = owner => Tell(Secret, owner);
        dispatcher.IsElsewhere = id => Tell(News, id);
        _subscription = await backplane.SubscribeAsync(Topics.Connections, message => _ = GuardedAsync(() => TakeAsync(Encoding.UTF8.GetString(message.Span))), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _subscription?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Tell(string what, string which) =>
        _ = GuardedAsync(() => backplane.PublishAsync(Topics.Connections, Encoding.UTF8.GetBytes($"{what}\n{leases.Node}\n{which}"), CancellationToken.None).AsTask());

    private async Task GuardedAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    private async Task TakeAsync(string message)
    {
        if (message.Split('\n') is not [var what, var node, var which] || node == leases.Node)
        {
            return;
        }

        switch (what)
        {
            case Changed:
                await connections.ReloadAsync(which);
                dispatcher.Changed(which);
                break;
            case Secret:
                await secrets.LoadAsync(CancellationToken.None);
                break;
            default:
                dispatcher.Wake(which);
                break;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A change of connections did not reach another node, or was not taken from one")]
    private partial void LogFailed(Exception exception);
}
