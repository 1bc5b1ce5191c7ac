using Parley.Crypto.Tls;

namespace Parley.Testing.Tls;

/// <summary>Both ends of a pinned TLS connection in memory, after their handshake.</summary>
public sealed class TlsPair : IAsyncDisposable
{
    private TlsPair(DuplexPair wire, PinnedTlsStream client, PinnedTlsStream server) => (Wire, Client, Server) = (wire, client, server);

    /// <summary>The connection below: left is the client's.</summary>
    public DuplexPair Wire { get; }

    /// <summary>The client's end.</summary>
    public PinnedTlsStream Client { get; }

    /// <summary>The server's end.</summary>
    public PinnedTlsStream Server { get; }

    /// <summary>Makes a connection between fresh identities, the server's pinned.</summary>
    public static async Task<TlsPair> ConnectAsync()
    {
        using var side = new TlsSide();
        using var server = TlsContext.ForServer(new TlsServerOptions { Identity = side.Identity });
        using var client = TlsContext.ForClient(new TlsClientOptions { Pins = [side.Pin] });
        return await ConnectAsync(client, server);
    }

    /// <summary>Makes a connection between two contexts.</summary>
    public static async Task<TlsPair> ConnectAsync(TlsContext client, TlsContext server)
    {
        var wire = new DuplexPair();
        var serving = PinnedTlsStream.AuthenticateAsync(wire.Right, server);
        var clientEnd = await PinnedTlsStream.AuthenticateAsync(wire.Left, client).WaitAsync(Deadline.Shared);
        return new TlsPair(wire, clientEnd, await serving.WaitAsync(Deadline.Shared));
    }

    /// <summary>Makes a handshake that fails, and says how each end saw it. A client learns what the server thinks of its certificate with its first read.</summary>
    public static async Task<(TlsFault? Client, TlsFault? Server)> FailAsync(TlsContext client, TlsContext server)
    {
        using var wire = new DuplexPair();
        var serving = FaultOfAsync(PinnedTlsStream.AuthenticateAsync(wire.Right, server));
        var connecting = FaultOfAsync(PinnedTlsStream.AuthenticateAsync(wire.Left, client));
        return (await connecting.WaitAsync(Deadline.Shared), await serving.WaitAsync(Deadline.Shared));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }

    private static async Task<TlsFault?> FaultOfAsync(Task<PinnedTlsStream> handshake)
    {
        try
        {
            await using var stream = await handshake;
            _ = await stream.ReadAsync(new byte[1]);
            return null;
        }
        catch (TlsException exception)
        {
            return exception.Fault;
        }
    }
}
