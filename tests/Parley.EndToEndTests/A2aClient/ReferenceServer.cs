using System.Diagnostics;
using Parley.EndToEndTests.Grpc;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Protocol.Grpc;

namespace Parley.EndToEndTests.A2aClient;

/// <summary>The reference implementation's server of one version, in a process of its own.</summary>
internal sealed class ReferenceServer : IAsyncDisposable
{
    private readonly Process _node;

    private ReferenceServer(Process node, Uri address) => (_node, Address) = (node, address);

    /// <summary>Below this is its card.</summary>
    public Uri Address { get; }

    /// <summary>Sends requests as the program does.</summary>
    public HttpMessageInvoker Invoker { get; } = new(GrpcHttpHandler.Create());

    /// <summary>Who calls.</summary>
    public A2aClientOptions Options => new() { Credentials = new HostCredentials(Address, A2aCredential.Bearer("let-me-in")) };

    /// <summary>Starts one; skips the test where node cannot be had.</summary>
    public static async Task<ReferenceServer> StartAsync(A2aVersion version, CancellationToken cancellationToken)
    {
        var node = await NodeFolder.StartAsync(version == A2aVersion.V1 ? "a2a-server-v1.mjs" : "a2a-server-v03.mjs", cancellationToken);
        var port = await node.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException(await node.StandardError.ReadToEndAsync(cancellationToken));
        node.ErrorDataReceived += (_, _) => { };
        node.BeginErrorReadLine();
        return new ReferenceServer(node, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Its card.</summary>
    public Task<ResolvedCard> CardAsync(CancellationToken cancellationToken) => new CardResolver(Invoker, Options).ResolveAsync(Address, cancellationToken);

    /// <summary>A client of one binding, chosen by the card.</summary>
    public async Task<IA2aClient> ClientAsync(A2aBinding binding, CancellationToken cancellationToken) =>
        Parley.Gateway.Client.A2aClient.Create(Invoker, InterfaceChoice.Choose(await CardAsync(cancellationToken), new A2aPreferences { Bindings = [binding] }), Options);

    public async ValueTask DisposeAsync()
    {
        Invoker.Dispose();
        _node.StandardInput.Close();
        await _node.WaitForExitAsync(CancellationToken.None);
        _node.Dispose();
    }
}
