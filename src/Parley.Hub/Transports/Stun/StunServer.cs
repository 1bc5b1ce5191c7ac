using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Parley.Hub.Sessions;
using Parley.Hub.Telemetry;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Stun;

namespace Parley.Hub.Transports.Stun;

/// <summary>The UDP socket of the hub's STUN server, on the address that HTTP is spoken on; links hear its port in their welcome.</summary>
internal sealed partial class StunServer : IAsyncDisposable
{
    private readonly HubOptions _options;
    private readonly SessionOptions _sessions;
    private readonly HubMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<StunServer> _logger;
    private readonly StunResponder _responder;
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _socket;
    private Task _answering = Task.CompletedTask;

    /// <summary>A server that has not been asked to start.</summary>
    public StunServer(HubOptions options, HubMetrics metrics, TimeProvider time, FillRandom random, ILogger<StunServer> logger)
    {
        _options = options;
        _sessions = options.Sessions;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _responder = new StunResponder(new StunRates(options.Stun.AnswersPerSecond, random));
    }

    /// <summary>The UDP port; 0 when nobody is answered.</summary>
    public int Port { get; private set; }

    /// <summary>Opens the port, if the operator asked for one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unavailable"/>: the port cannot be had.</exception>
    public void Start()
    {
        if (_options.Stun.Port is not { } port)
        {
            return;
        }

        var host = _options.Http.Host.Trim('[', ']');
        var address = IPAddress.TryParse(host, out var ip) ? ip : host == "localhost" ? IPAddress.Loopback : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        try
        {
            _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (address.Equals(IPAddress.IPv6Any))
            {
                _socket.DualMode = true;
            }

            _socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException exception)
        {
            throw new ParleyException(ErrorCode.Unavailable, $"The hub cannot answer STUN on UDP port {port}: {exception.Message}", exception);
        }

        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        _sessions.StunPort = Port;
        _answering = Task.Run(() => AnswerAsync(_socket, _stopping.Token));
        _metrics.AddCounter("parley.stun.answers", "STUN questions that were answered", () => _responder.Answered);
        _metrics.AddCounter("parley.stun.dropped", "Datagrams on the STUN port that got no answer", () => _responder.Dropped);
        LogListening(Port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _answering;
        _socket?.Dispose();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(Socket socket, CancellationToken cancellationToken)
    {
        var question = new byte[StunResponder.MaxQuestion + 1];
        var answer = new byte[StunResponder.MaxAnswer];
        var sender = new SocketAddress(socket.AddressFamily);
        var start = _time.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var count = await socket.ReceiveFromAsync(question, SocketFlags.None, sender, cancellationToken);
                var length = _responder.Answer(question.AsSpan(0, count), Read(sender), _time.GetElapsedTime(start), answer);
                if (length > 0)
                {
                    await socket.SendToAsync(answer.AsMemory(0, length), SocketFlags.None, sender, cancellationToken);
                }
            }
            catch (OperationCanceledException)
            {
            }
            catch (SocketException exception)
            {
                // A receiver that is not there any more, or a datagram that was cut: the next one is another's.
                LogLost(exception.SocketErrorCode);
            }
            catch (Exception exception)
            {
                LogFailed(exception);
                return;
            }
        }
    }

    /// <summary>The system's layout: family (2), port (2, big endian), then IPv4 (4), or flow label (4) and IPv6 (16).</summary>
    private static TransportAddress Read(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return TransportAddress.From(address.Family == AddressFamily.InterNetwork ? bytes.Slice(4, 4) : bytes.Slice(8, 16), port);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Answering STUN on UDP port {Port}")]
    private partial void LogListening(int port);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A STUN datagram was lost: {Error}")]
    private partial void LogLost(SocketError error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The STUN server stopped")]
    private partial void LogFailed(Exception exception);
}
