using Parley.Protocol.Stun;
using Parley.WebRtc.Ice;

namespace Parley.Testing.Network;

/// <summary>An agent on a host of the virtual network, and the wire to its peer for signals.</summary>
public sealed class IceHost
{
    private static readonly TimeSpan _signalDelay = TimeSpan.FromMilliseconds(20);

    private readonly VirtualInternet _internet;
    private readonly Dictionary<TransportAddress, VirtualSocket> _sockets = [];
    private readonly List<IceEvent> _seen = [];
    private TimeSpan? _wakeAt;

    /// <summary>An agent with sockets.</summary>
    public IceHost(VirtualInternet internet, IceRole role, IceOptions options, int seed, VirtualNat? nat, params string[] addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        _internet = internet;
        Agent = new IceAgent(options, role, SeededRandom.Source(seed));
        foreach (var address in addresses)
        {
            Add(address, nat);
        }
    }

    /// <summary>The agent.</summary>
    public IceAgent Agent { get; }

    /// <summary>What it told so far.</summary>
    public IReadOnlyList<IceEvent> Seen => _seen;

    /// <summary>Data that came.</summary>
    public List<byte[]> Data { get; } = [];

    /// <summary>Longest random delay of a signalled candidate, so that they come in any order.</summary>
    public TimeSpan Shuffle { get; set; }

    /// <summary>Takes what is to be signalled.</summary>
    public Action<IceEvent> Signal { get; set; } = _ => { };

    /// <summary>The sockets.</summary>
    public IEnumerable<VirtualSocket> Sockets => _sockets.Values;

    /// <summary>Another interface.</summary>
    public VirtualSocket Add(string address, VirtualNat? nat = null)
    {
        var socket = _internet.Open(address, nat);
        _sockets.Add(socket.Address, socket);
        socket.Received = (from, bytes) => Take(socket, from, bytes);
        Agent.AddLocal(socket.Address, _internet.Now);
        return socket;
    }

    /// <summary>A datagram arrives, from the network or from a test.</summary>
    public void Take(VirtualSocket socket, TransportAddress from, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var received = Agent.Receive(bytes, socket.Address, from, _internet.Now);
        if (received.IsData)
        {
            Data.Add(bytes.AsSpan(received.Offset, received.Length).ToArray());
        }

        Pump();
    }

    /// <summary>Sends data along the path in use.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        if (Agent.Route is { } route)
        {
            var wrapped = new byte[data.Length + Agent.Overhead];
            var length = Agent.Wrap(data, wrapped);
            _sockets[route.Local].Send(route.Remote, wrapped.AsSpan(0, length));
        }
    }

    /// <summary>Two hosts signal to each other from now on; credentials are exchanged at once.</summary>
    public static void Introduce(IceHost one, IceHost other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        one.Signal = happened => Pass(happened, one, other);
        other.Signal = happened => Pass(happened, other, one);
        one.Do(agent => agent.SetRemote(other.Agent.LocalCredentials, one._internet.Now));
        other.Do(agent => agent.SetRemote(one.Agent.LocalCredentials, one._internet.Now));
        one.Do(agent => agent.StartGathering(one._internet.Now));
        other.Do(agent => agent.StartGathering(one._internet.Now));
    }

    /// <summary>Calls the agent and takes what comes of it.</summary>
    public void Do(Action<IceAgent> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        act(Agent);
        Pump();
    }

    private static void Pass(IceEvent happened, IceHost from, IceHost to)
    {
        var internet = from._internet;
        var arrival = internet.Now + _signalDelay;
        var generation = from.Agent.LocalCredentials;
        switch (happened.Kind)
        {
            case IceEventKind.LocalCandidate:
                // As text, which is how it travels; what belongs to older credentials is not passed on.
                var line = happened.Candidate!.ToString();
                internet.At(arrival + (from.Shuffle * internet.Random.NextDouble()), () =>
                {
                    if (generation == from.Agent.LocalCredentials && IceCandidate.TryParse(line, out var candidate, out _))
                    {
                        to.Do(agent => agent.AddRemoteCandidate(candidate, internet.Now));
                    }
                });
                break;
            case IceEventKind.GatheringDone:
                internet.At(arrival + from.Shuffle, () => to.Do(agent => agent.EndOfRemoteCandidates(internet.Now)));
                break;
            case IceEventKind.Restarted:
                internet.At(arrival, () => to.Do(agent => agent.SetRemote(generation, internet.Now)));
                break;
        }
    }

    private void Pump()
    {
        while (Agent.TryTakeDatagram(out var datagram))
        {
            if (_sockets.TryGetValue(datagram.Local, out var socket))
            {
                socket.Send(datagram.Remote, datagram.Bytes);
            }
        }

        while (Agent.TryTakeEvent(out var happened))
        {
            _seen.Add(happened);
            Signal(happened);
        }

        if (Agent.NextTimeout is { } due && (_wakeAt is null || due < _wakeAt))
        {
            _wakeAt = due;
            _internet.At(due, Wake);
        }
    }

    private void Wake()
    {
        _wakeAt = null;
        if (Agent.NextTimeout <= _internet.Now)
        {
            Agent.HandleTimeout(_internet.Now);
        }

        Pump();
    }
}
