using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Parley.Protocol.Stun;
using Parley.WebRtc.Ice;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>An agent with one real socket on loopback and the system's clock: as little of a driver as tests need.</summary>
internal sealed class UdpIceHost : IAsyncDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(5);

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly List<byte[]> _data = [];
    private Task _running = Task.CompletedTask;

    public UdpIceHost(IceOptions options, IceRole role)
    {
        Agent = new IceAgent(options, role, RandomNumberGenerator.Fill);
        Local = TransportAddress.From((IPEndPoint)_socket.Client.LocalEndPoint!);
        Agent.AddLocal(Local, Now);
    }

    /// <summary>The agent; touched by one call at a time.</summary>
    public IceAgent Agent { get; }

    /// <summary>The socket's address.</summary>
    public TransportAddress Local { get; }

    /// <summary>Takes what is to be signalled.</summary>
    public Action<IceEvent> Signal { get; set; } = _ => { };

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>Two hosts signal to each other and begin.</summary>
    public static void Introduce(UdpIceHost one, UdpIceHost other)
    {
        one.Signal = happened => Pass(happened, other);
        other.Signal = happened => Pass(happened, one);
        one.Do(agent => agent.SetRemote(other.Agent.LocalCredentials, one.Now));
        other.Do(agent => agent.SetRemote(one.Agent.LocalCredentials, other.Now));
        one.Start();
        other.Start();
    }

    /// <summary>Begins to ask servers and to move datagrams.</summary>
    public void Start()
    {
        Do(agent => agent.StartGathering(Now));
        _running = Task.WhenAll(Task.Run(ReceiveAsync), Task.Run(TickAsync));
    }

    /// <summary>What it knows.</summary>
    public IceReport Report()
    {
        lock (_gate)
        {
            return Agent.Report();
        }
    }

    /// <summary>The path; null for none.</summary>
    public IceRoute? Route()
    {
        lock (_gate)
        {
            return Agent.Route;
        }
    }

    /// <summary>Data that came.</summary>
    public byte[][] Data()
    {
        lock (_gate)
        {
            return [.. _data];
        }
    }

    /// <summary>Sends data along the path.</summary>
    public void Send(byte[] data)
    {
        lock (_gate)
        {
            var wrapped = new byte[data.Length + Agent.Overhead];
            var length = Agent.Wrap(data, wrapped);
            _socket.Client.SendTo(wrapped.AsSpan(0, length), SocketFlags.None, Agent.Route!.Remote.ToEndPoint());
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Do(agent => agent.Close(Now));
        await _stopping.CancelAsync();
        await _running;
        _socket.Dispose();
        _stopping.Dispose();
    }

    private static void Pass(IceEvent happened, UdpIceHost to)
    {
        if (happened.Kind == IceEventKind.LocalCandidate)
        {
            Assert.True(IceCandidate.TryParse(happened.Candidate!.ToString(), out var candidate, out _));
            to.Do(agent => agent.AddRemoteCandidate(candidate, to.Now));
        }
        else if (happened.Kind == IceEventKind.GatheringDone)
        {
            to.Do(agent => agent.EndOfRemoteCandidates(to.Now));
        }
    }

    private async Task ReceiveAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var one = await _socket.ReceiveAsync(_stopping.Token);
                Do(agent =>
                {
                    var received = agent.Receive(one.Buffer, Local, TransportAddress.From(one.RemoteEndPoint), Now);
                    if (received.IsData)
                    {
                        _data.Add(one.Buffer.AsSpan(received.Offset, received.Length).ToArray());
                    }
                });
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Nobody listens at an address that was tried, or the test is over.
            }
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(_tick);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                Do(agent =>
                {
                    if (agent.NextTimeout <= Now)
                    {
                        agent.HandleTimeout(Now);
                    }
                });
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Do(Action<IceAgent> act)
    {
        var happened = new List<IceEvent>();
        lock (_gate)
        {
            act(Agent);
            while (Agent.TryTakeDatagram(out var datagram))
            {
                _socket.Client.SendTo(datagram.Bytes, datagram.Remote.ToEndPoint());
            }

            while (Agent.TryTakeEvent(out var one))
            {
                happened.Add(one);
            }
        }

        // Outside the lock: the other side's is taken there.
        happened.ForEach(Signal);
    }
}
