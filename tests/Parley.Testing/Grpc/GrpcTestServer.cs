using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Hub.Transports.Grpc;
using Parley.Protocol.Grpc;

namespace Parley.Testing.Grpc;

/// <summary>A real Kestrel that speaks HTTP/2 in clear text on a free loopback port, with the methods that a test maps, and a channel to it.</summary>
public sealed class GrpcTestServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly SocketsHttpHandler _handler = GrpcHttpHandler.Create();
    private readonly HttpMessageInvoker _invoker;

    private GrpcTestServer(WebApplication application, Uri address)
    {
        _application = application;
        _invoker = new HttpMessageInvoker(_handler);
        Address = address;
        Channel = OpenChannel(new GrpcChannelOptions());
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A channel with default options.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Starts a server.</summary>
    /// <param name="map">Maps the methods.</param>
    /// <param name="time">The server's clock; null: the system's.</param>
    public static async Task<GrpcTestServer> StartAsync(Action<WebApplication> map, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.WebHost.ConfigureKestrel(options =>
        {
            GrpcKestrel.Configure(options);
            options.Listen(IPAddress.Loopback, 0, GrpcKestrel.UseClearTextHttp2);
        });
        var application = builder.Build();
        map(application);
        application.UseGrpcUnknownMethods();
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new GrpcTestServer(application, new Uri(address));
    }

    /// <summary>A channel with other options over the same connections.</summary>
    public GrpcChannel OpenChannel(GrpcChannelOptions options) => new(_invoker, Address, options);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }
}
