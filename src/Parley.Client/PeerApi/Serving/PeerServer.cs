using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.PeerApi.Rotation;
using Parley.Client.Responders;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.PeerApi.Serving;

/// <summary>The agent API, listening: pinned TLS 1.3 around <c>/v1/...</c>.</summary>
public sealed class PeerServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly PeerRates _rates;
    private readonly PeerTasks _tasks;

    private PeerServer(WebApplication application, PeerRates rates, PeerTasks tasks) => (_application, _rates, _tasks) = (application, rates, tasks);

    /// <summary>Where it listens: <c>https://ADDRESS:PORT</c>.</summary>
    public Uri Address => new(_application.Urls.Single().Replace("http://", "https://", StringComparison.Ordinal));

    /// <summary>Starts it.</summary>
    /// <param name="options">Where, and its limits.</param>
    /// <param name="certificate">The certificate that peers have pinned, asked for at each connection.</param>
    /// <param name="peers">Who may ask.</param>
    /// <param name="spent">Tokens that were used.</param>
    /// <param name="pipeline">Who answers.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="fill">Randomness of ids.</param>
    /// <param name="rotations">Tells of our new keys and hears of the peers'; null: neither.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: another program has the port. <see cref="ErrorCode.Unavailable"/>: it cannot be had.</exception>
    public static async Task<PeerServer> StartAsync(
        PeerServerOptions options, Func<TlsContext> certificate, PeersFile peers, SpentTokens spent, ResponderPipeline pipeline,
        TimeProvider timeProvider, FillRandom fill, PeerRotations? rotations, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var shares = new ConnectionShares(options.MaxStrangersPerAddress, options.MaxConnectionsPerPeer);
        var tls = new PinnedTlsListening(certificate, PinnedTlsListening.DefaultHandshakeTimeout, timeProvider, loggers.CreateLogger<PinnedTlsListening>(), shares);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AllowAlternateSchemes = true;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;

            // Counted where it is read, so that the refusal has our own form.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(options.Address, options.Port, tls.AddTo);
        });
        var (rates, tasks) = (new PeerRates(timeProvider, options.RatesFile), new PeerTasks(timeProvider));
        var questions = new PeerQuestions(rates, tasks, pipeline, timeProvider, fill, loggers.CreateLogger<PeerQuestions>());
        var endpoints = new PeerEndpoints(peers, new PeerVerifier(spent, timeProvider), rates, tasks, questions, rotations, options, timeProvider, loggers.CreateLogger<PeerEndpoints>());
        var server = new PeerServer(builder.Build(), rates, tasks);
        server._application.Run(endpoints.HandleAsync);
        try
        {
            await server._application.StartAsync(cancellationToken);
            return server;
        }
        catch (IOException exception)
        {
            await server.DisposeAsync();
            if (exception.InnerException is AddressInUseException)
            {
                throw new ParleyException(ErrorCode.Conflict, $"The agent API cannot listen: another program has port {options.Port} of {options.Address}. Take another one: parley peer serve --port P, and hand peers what parley peer export --port P prints", exception);
            }

            throw new ParleyException(ErrorCode.Unavailable, $"The agent API cannot listen: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        await _tasks.DisposeAsync();
        _rates.Dispose();
    }
}
