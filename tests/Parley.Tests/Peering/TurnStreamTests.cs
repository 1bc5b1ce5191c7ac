using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Client.Peering.Udp;
using Parley.Testing;
using Parley.WebRtc.Turn;

namespace Parley.Tests.Peering;

/// <summary>Messages of a relay in a stream, however the network cuts it.</summary>
public sealed class TurnStreamTests : IDisposable
{
    private static readonly string[] _three = ["40000001AA", "40010005B1B2B3B4B5", "010100042112A442000102030405060708090A0BC1C2C3C4"];
    private static readonly byte[] _sent = Convert.FromHexString("40000001AA000000" + "40010005B1B2B3B4B5000000" + _three[2]);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TurnStreamTests() => _listener.Start();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(1000)]
    public async Task Each_message_comes_out_alone_and_without_its_filling(int piece)
    {
        var (stream, relay) = await ConnectAsync();
        await using var open = stream;
        using var end = relay;
        var heard = new List<string>();
        var running = stream.RunAsync(message => heard.Add(Convert.ToHexString(message.Span)), Stop);

        foreach (var part in _sent.Chunk(piece))
        {
            await relay.SendAsync(part, Stop);
            await Task.Yield();
        }

        relay.Shutdown(SocketShutdown.Both);

        await Assert.ThrowsAsync<EndOfStreamException>(() => running.WaitAsync(Deadline.Shared, TimeProvider.System, Stop));
        Assert.Equal(_three, heard);
    }

    [Fact]
    public async Task What_is_said_is_filled_up_to_fours()
    {
        var (stream, relay) = await ConnectAsync();
        await using var open = stream;
        using var end = relay;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = stream.RunAsync(static _ => { }, stop.Token);

        foreach (var message in _three)
        {
            stream.Send(Convert.FromHexString(message));
        }

        var said = new byte[_sent.Length];
        await using var reading = new NetworkStream(relay);
        await reading.ReadExactlyAsync(said, Stop).AsTask().WaitAsync(Deadline.Shared, TimeProvider.System, Stop);

        Assert.Equal(_sent, said);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task What_no_relay_says_ends_it()
    {
        var (stream, relay) = await ConnectAsync();
        await using var open = stream;
        using var end = relay;
        var running = stream.RunAsync(static _ => { }, Stop);

        await relay.SendAsync(Convert.FromHexString("15030300020228"), Stop);

        var fault = await Assert.ThrowsAsync<IOException>(() => running.WaitAsync(Deadline.Shared, TimeProvider.System, Stop));
        Assert.Equal("The relay said what no relay says.", fault.Message);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_not_taken()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var accepting = AcceptTlsAsync(made);

        var fault = await Assert.ThrowsAsync<IOException>(() => TurnStream.ConnectAsync(Server(TurnTransport.Tls), IPAddress.Loopback, Stop).WaitAsync(Deadline.Shared, TimeProvider.System, Stop));

        Assert.Equal("the relay's certificate is not good for its name, or it speaks no TLS", fault.Message);
        await accepting;
    }

    [Fact]
    public async Task Where_nobody_listens_that_is_said()
    {
        var server = Server(TurnTransport.Tcp);
        _listener.Stop();

        var fault = await Assert.ThrowsAsync<IOException>(() => TurnStream.ConnectAsync(server, IPAddress.Loopback, Stop));

        Assert.Equal("the relay refused the connection", fault.Message);
    }

    private IceServer Server(TurnTransport transport) =>
        new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, IsRelay: true, "user", "password") { Transport = transport };

    private async Task<(TurnStream Stream, Socket Relay)> ConnectAsync()
    {
        var connecting = TurnStream.ConnectAsync(Server(TurnTransport.Tcp), IPAddress.Loopback, Stop);
        var relay = await _listener.AcceptSocketAsync(Stop);
        relay.NoDelay = true;
        return (await connecting, relay);
    }

    private async Task AcceptTlsAsync(X509Certificate2 certificate)
    {
        using var socket = await _listener.AcceptSocketAsync(Stop);
        await using var tls = new SslStream(new NetworkStream(socket));
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Stop);
            _ = await tls.ReadAsync(new byte[1], Stop);
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client goes away.
        }
    }
}
