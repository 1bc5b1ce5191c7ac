using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;

namespace Parley.Cli.A2a.Remote;

/// <summary>An agent somewhere else: its card, and a client of the interface that was chosen.</summary>
internal sealed class RemoteAgent : IDisposable
{
    private readonly HttpMessageInvoker _invoker;

    private RemoteAgent(HttpMessageInvoker invoker, ResolvedCard card, IA2aClient client) => (_invoker, Card, Client) = (invoker, card, client);

    /// <summary>The card.</summary>
    public ResolvedCard Card { get; }

    /// <summary>The client.</summary>
    public IA2aClient Client { get; }

    /// <summary>Whether it says that it streams.</summary>
    public bool CanStream => Card.Card.Capabilities?.Streaming == true;

    /// <summary>An invoker for addresses that the person in front of the terminal chose: no redirects, no cookies; a proxy of the environment counts, but not for this machine.</summary>
    public static HttpMessageInvoker MakeInvoker(Uri address)
    {
        var handler = GrpcHttpHandler.Create();
        handler.UseProxy = !RemoteTarget.IsLoopback(address);
        return new HttpMessageInvoker(handler);
    }

    /// <summary>Fetches the card, checks its signature, and chooses an interface.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.IntegrityFailed"/>: the card was changed after it was signed; else as of discovery.</exception>
    public static async Task<RemoteAgent> OpenAsync(Uri address, A2aClientOptions options, A2aPreferences preferences, CancellationToken cancellationToken)
    {
        var invoker = MakeInvoker(address);
        try
        {
            var card = await new CardResolver(invoker, options).ResolveAsync(address, cancellationToken);
            var verdict = await new CardVerifier(invoker, options).CheckAsync(card, cancellationToken);
            if (verdict.Trust == CardTrust.Wrong)
            {
                throw new ParleyException(ErrorCode.IntegrityFailed, verdict.Words);
            }

            return new RemoteAgent(invoker, card, A2aClient.Create(invoker, InterfaceChoice.Choose(card, preferences), options));
        }
        catch
        {
            invoker.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();
}
