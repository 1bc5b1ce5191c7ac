using Parley.Hub.Identity.Keys;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Hub.Backplane;
using Parley.Hub.Telemetry;
using Parley.Hub.Transports.Grpc;
using Parley.Hub.Transports.Http;
using Parley.Hub.Transports.Link;
using Parley.Hub.Transports.Stun;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Hub;

/// <summary>One hub process: composed here as a sentence, started, drained and stopped.</summary>
internal sealed class HubApplication : IAsyncDisposable
{
    private readonly WebApplication _application;
    private IDisposable? _export;

    private HubApplication(WebApplication application) => _application = application;

    /// <summary>Where HTTP is spoken, with the port that was picked.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>Where gRPC is spoken.</summary>
    public Uri Grpc { get; private set; } = null!;

    /// <summary>Where HTTP is spoken on this machine, whatever agents are told.</summary>
    public Uri LocalHttp { get; private set; } = null!;

    /// <summary>Where gRPC is spoken on this machine.</summary>
    public Uri LocalGrpc { get; private set; } = null!;

    /// <summary>The composed services, for tests and for the program that the hub runs in.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Opens the store, composes the modules and opens the doors.</summary>
    /// <param name="options">What the operator asked for.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">Source of ids and secrets.</param>
    /// <param name="logging">Where logs go.</param>
    /// <param name="parts">Store and backplane when several nodes share them; else made here.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ParleyException">An option excludes another, or a file or port cannot be had.</exception>
    public static async Task<HubApplication> StartAsync(
        HubOptions options,
        TimeProvider time,
        FillRandom random,
        Action<ILoggingBuilder> logging,
        HubParts? parts = null,
        CancellationToken cancellationToken = default)
    {
        HubLimits.Check(options);
        CheckExposure(options);
        // Empty on purpose: the other builders read settings from the current folder and the environment, and watch that folder with all below it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        HubLogging.HidePaths(builder.Logging);

        // Signals are the program's business: it drains before it stops.
        builder.Services.RemoveAll<IHostLifetime>().AddSingleton<IHostLifetime, NoLifetime>();
        logging(builder.Logging);
        builder.Services.AddSingleton(options).AddSingleton(time).AddSingleton(random)
            .AddStorage(options, parts?.Store)
            .AddIdentity(options)
            .AddSessions(options)
            .AddMessaging(options, parts?.Backplane ?? new MemoryBackplane())
            .AddSignalling(options)
            .AddRooms(options)
            .AddAgentApi(options)
            .AddOutbound(options)
            .AddConnections(options, parts?.Store is not null)
            .AddManagement()
            .AddTelemetry()
            .AddTransports(options);
        parts?.Compose?.Invoke(builder.Services);
        var listening = new HubListeners(options);
        builder.WebHost.ConfigureKestrel((context, kestrel) => listening.Configure(kestrel, kestrel.ApplicationServices.GetRequiredService<HubKey>()));
        var application = builder.Build();
        application.UseTrustedProxies(options.TrustedProxies);
        application.UseHttp();
        application.UseWebSockets();
        application.MapHttp();
        application.MapLink();
        application.UseGrpcUnknownMethods();
        application.UseUnknownRoutes();
        var hub = new HubApplication(application);
        try
        {
            hub._export = options.Otlp is { } otlp ? OtlpExport.Start(otlp, options.TracePercent, application.Services.GetRequiredService<HubKey>().Id) : null;
            await application.Services.GetRequiredService<HubLife>().PrepareAsync(cancellationToken);
            // Before the first link: its welcome names the port.
            application.Services.GetRequiredService<StunServer>().Start();
            await application.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            await hub.DisposeAsync();
            throw new ParleyException(ErrorCode.Unavailable, $"The hub cannot listen: {exception.Message}", exception);
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }

        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => HubAddresses.Reachable(new Uri(address))).ToList();
        // In the order in which they were opened; gRPC of its own was the last one, and with TLS the first serves it.
        (hub.LocalHttp, hub.LocalGrpc) = (bound[0], options.Tls is null && options.Grpc is not null ? bound[^1] : bound[0]);
        hub.Http = options.PublicUrl ?? bound[0];
        hub.Grpc = options.PublicUrl is null || options.Tls is null ? hub.LocalGrpc : options.PublicUrl;
        application.Services.GetRequiredService<HubAddresses>().Set(hub.Http, hub.Grpc);
        application.Services.GetRequiredService<HubLife>().Begin();
        return hub;
    }

    /// <summary>Asks the links to move, finishes what is under way and stops.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Services.GetRequiredService<HubLife>().DrainAsync(cancellationToken);
        await _application.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Last figures are read from modules that the application still holds.
        _export?.Dispose();
        _export = null;
        await _application.DisposeAsync();
    }

    private static void CheckExposure(HubOptions options)
    {
        if (options.Tls is not null || options.IsInsecureHttpAllowed)
        {
            return;
        }

        foreach (var address in options.FurtherHttp.Prepend(options.Http).Append<Uri?>(options.Grpc))
        {
            if (address is not null && !IsLoopback(address))
            {
                throw new ParleyException(
                    ErrorCode.InvalidArgument,
                    $"{address.Authority} is reachable from other machines: give --tls self or --tls CERT,KEY, or --insecure-http when something in front of the hub ends TLS.");
            }
        }
    }

    private static bool IsLoopback(Uri address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>Lets the caller alone start and stop the host.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
