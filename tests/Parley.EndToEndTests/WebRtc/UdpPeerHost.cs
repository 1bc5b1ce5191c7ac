using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Parley.Crypto.Dtls;
using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>A connection with one real socket on loopback, one thread and the system's clock: as little of a driver as tests of strangers need.</summary>
internal sealed class UdpPeerHost : IDisposable
{
    private const int LongestWaitMicroseconds = 2000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly DtlsCertificate _certificate = DtlsCertificate.Make(TimeProvider.System);
    private readonly ConcurrentQueue<Action<PeerConnection, TimeSpan>> _calls = new();
    private readonly ConcurrentDictionary<string, DataChannel> _channels = new();
    private readonly Queue<(DataChannel Channel, byte[] Message, bool IsText)> _toSend = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly byte[] _room = new byte[ushort.MaxValue];
    private readonly PeerConnection _connection;
    private readonly TransportAddress _local;
    private readonly Thread _thread;
    private volatile bool _isStopping;
    private long _receivedBytes;

    public UdpPeerHost(IceRole role, PeerConnectionOptions? options = null)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (_socket.ReceiveBufferSize, _socket.SendBufferSize) = (4 << 20, 4 << 20);
        _socket.Blocking = false;
        _local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        _connection = new PeerConnection((options ?? new PeerConnectionOptions()) with { Ice = new IceOptions { IsLoopbackAllowed = true } }, role, _certificate, RandomNumberGenerator.Fill);
        Call((connection, now) => connection.AddLocal(_local, now));
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Candidates and the end of them, on the connection's thread.</summary>
    public Action<PeerConnectionEvent> Signal { get; set; } = _ => { };

    public ConcurrentQueue<PeerConnectionEvent> Seen { get; } = new();

    public ConcurrentQueue<string> Texts { get; } = new();

    public long ReceivedBytes => Interlocked.Read(ref _receivedBytes);

    public PeerConnectionState State => _connection.State;

    /// <summary>How whoever it talks to sees it, for a failure message.</summary>
    public Func<string> Beside { get; set; } = () => string.Empty;

    public string Describe() => $"{_connection.State} {_connection.Failure} {_connection.FailureReason} route {_connection.Route} received {ReceivedBytes}, datagrams of {_connection.DatagramBytes}; {Beside()}";

    /// <summary>Does something on the connection's thread.</summary>
    public void Call(Action<PeerConnection, TimeSpan> call) => _calls.Enqueue(call);

    /// <summary>The same, and waits for what comes of it.</summary>
    public async Task<T> AskAsync<T>(Func<PeerConnection, TimeSpan, T> call)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Call((connection, now) =>
        {
            try
            {
                answer.SetResult(call(connection, now));
            }
            catch (Exception exception)
            {
                answer.SetException(exception);
            }
        });
        return await answer.Task.WaitAsync(Deadline.Shared, TimeProvider.System);
    }

    /// <summary>An open channel by its label, of either end; waits for it.</summary>
    public async Task<DataChannel> ChannelAsync(string label)
    {
        await Deadline.UntilAsync(() => _channels.ContainsKey(label), () => $"the channel {label}: {Describe()}");
        return _channels[label];
    }

    /// <summary>Sends a message in its turn.</summary>
    public void Say(DataChannel channel, byte[] message, bool isText = false) => Call((_, _) => _toSend.Enqueue((channel, message, isText)));

    /// <summary>Hash of all that came; call it when nothing more comes.</summary>
    public Task<string> HashAsync() => AskAsync((_, _) => Convert.ToHexStringLower(_hash.GetCurrentHash()));

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _connection.Dispose();
        _certificate.Dispose();
        _socket.Dispose();
        _hash.Dispose();
    }

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    private void Run()
    {
        while (!_isStopping)
        {
            while (_calls.TryDequeue(out var call))
            {
                call(_connection, Now);
                Serve();
            }

            Receive();
            if (_connection.NextTimeout <= Now)
            {
                _connection.HandleTimeout(Now);
            }

            Serve();
            _socket.Poll(LongestWaitMicroseconds, SelectMode.SelectRead);
        }

        _connection.Abort();
        Serve();
    }

    private void Receive()
    {
        var from = new SocketAddress(AddressFamily.InterNetwork);
        for (var count = 0; count < 64 && _socket.Available > 0; count++)
        {
            try
            {
                var length = _socket.ReceiveFrom(_room, SocketFlags.None, from);
                _connection.Receive(_room.AsSpan(0, length), _local, TransportAddress.From((IPEndPoint)new IPEndPoint(0, 0).Create(from)), Now);
            }
            catch (SocketException)
            {
                // Nobody listens at an address that was tried.
            }
        }
    }

    private void Serve()
    {
        while (true)
        {
            while (_connection.TryRead(Now, out var happened))
            {
                Take(in happened);
            }

            while (_toSend.TryPeek(out var next) && next.Channel.Send(next.Message, next.IsText, Now) != DataChannelSendResult.Full)
            {
                _toSend.Dequeue();
            }

            var hasSent = false;
            for (int length; (length = _connection.Poll(_room, out _, out var remote, out _, Now)) > 0; hasSent = true)
            {
                Send(_room.AsSpan(0, length), remote);
            }

            if (!hasSent)
            {
                return;
            }
        }
    }

    private void Send(ReadOnlySpan<byte> datagram, TransportAddress remote)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, remote.ToEndPoint());
        }
        catch (SocketException)
        {
            // Full, or nobody there: lost.
        }
    }

    private void Take(in PeerConnectionEvent happened)
    {
        if (happened.Kind == PeerConnectionEventKind.Message)
        {
            if (happened.IsText)
            {
                Texts.Enqueue(System.Text.Encoding.UTF8.GetString(happened.Payload.Span));
                return;
            }

            _hash.AppendData(happened.Payload.Span);
            Interlocked.Add(ref _receivedBytes, happened.Payload.Length);
            return;
        }

        if (happened.Kind is PeerConnectionEventKind.ChannelOpened or PeerConnectionEventKind.PeerOpenedChannel)
        {
            _channels[happened.Channel!.Label] = happened.Channel;
        }

        Seen.Enqueue(happened);
        Signal(happened);
    }
}
