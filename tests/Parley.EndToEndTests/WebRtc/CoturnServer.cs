using System.Net;
using System.Net.Sockets;
using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.WebRtc.Turn;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>coturn's server as a STUN server and a relay on loopback.</summary>
internal sealed class CoturnServer : IAsyncDisposable
{
    private const string User = "agent";
    private const string Password = "correct horse";

    private readonly TempFolder _folder = new();
    private RealProcess _process = null!;

    private CoturnServer(int port) => Address = TransportAddress.From(IPAddress.Loopback, port);

    /// <summary>Where it is.</summary>
    public TransportAddress Address { get; }

    /// <summary>As a relay, with credentials.</summary>
    public TurnServer Relay => new(Address, User, Password);

    /// <summary>Starts one, or skips the test where it is not installed.</summary>
    public static async Task<CoturnServer> StartAsync()
    {
        var program = Requires.Program("turnserver");
        var server = new CoturnServer(LoopbackPorts.Take());
        server._process = RealProcess.Start(
            program,
            [
                "-n", "--no-tls", "--no-dtls", "--no-cli", "--lt-cred-mech", "--allow-loopback-peers", "--simple-log", "--log-file", "stdout",
                "--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", $"{server.Address.Port}",
                "--realm", "parley.test", "--user", $"{User}:{Password}",
                "--userdb", server._folder.PathOf("turndb"), "--pidfile", server._folder.PathOf("pid"),
            ]);
        await Deadline.UntilAsync(() => AnswersAsync(server.Address), "coturn's first answer");
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<bool> AnswersAsync(TransportAddress address)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var question = new byte[StunMessage.HeaderSize];
        _ = new StunWriter(question, StunClass.Request, StunMethod.Binding, StunTransactionId.Make(SeededRandom.Source(1)));
        try
        {
            await socket.SendAsync(question, address.ToEndPoint(), soon.Token);
            await socket.ReceiveAsync(soon.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
