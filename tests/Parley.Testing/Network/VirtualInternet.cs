using Parley.Protocol.Stun;

namespace Parley.Testing.Network;

/// <summary>Hosts, NATs and the way between them, in virtual time: the same seed gives the same run.</summary>
public sealed class VirtualInternet(int seed, LinkQuality? quality = null)
{
    private const int MaxEvents = 1_000_000;

    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly Dictionary<TransportAddress, VirtualSocket> _sockets = [];
    private readonly List<VirtualNat> _nats = [];
    private long _order;

    /// <summary>The time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>How datagrams travel from now on.</summary>
    public LinkQuality Quality { get; set; } = quality ?? LinkQuality.Good;

    /// <summary>Datagrams that were sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Datagrams that reached nobody: lost, filtered, or to an address that nobody has.</summary>
    public long Lost { get; private set; }

    /// <summary>Looks at each datagram as it leaves its host: from, to, what; true swallows it.</summary>
    public Func<TransportAddress, TransportAddress, byte[], bool> Swallow { get; set; } = (_, _, _) => false;

    /// <summary>Seeded numbers for parts of the network.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>A NAT with a public address.</summary>
    public VirtualNat AddNat(NatKind kind, string publicAddress)
    {
        var nat = new VirtualNat(this, kind, TransportAddress.Parse(publicAddress + ":0"));
        _nats.Add(nat);
        return nat;
    }

    /// <summary>A socket of a host.</summary>
    /// <param name="address">Its address and port.</param>
    /// <param name="nat">The NAT that the host is behind; null = on the public network.</param>
    public VirtualSocket Open(string address, VirtualNat? nat = null)
    {
        var socket = new VirtualSocket(this, TransportAddress.Parse(address), nat);
        if (nat is null)
        {
            _sockets.Add(socket.Address, socket);
        }
        else
        {
            nat.Add(socket);
        }

        return socket;
    }

    /// <summary>Does something later.</summary>
    public void At(TimeSpan when, Action action) => _events.Enqueue(action, (when < Now ? Now : when, _order++));

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan span) => RunUntil(() => false, span);

    /// <summary>Lets time pass until something is so.</summary>
    /// <returns>It came to be so within the span.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan span)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = Now + span;
        for (var count = 0; !condition(); count++)
        {
            if (count > MaxEvents)
            {
                throw new InvalidOperationException("The virtual network does not come to rest.");
            }

            if (!_events.TryPeek(out var action, out var next) || next.At > end)
            {
                Now = end;
                return condition();
            }

            _events.Dequeue();
            Now = next.At;
            action();
        }

        return true;
    }

    /// <summary>A host on the public network can send there: the address is public, or a private one that it shares a network with.</summary>
    internal bool IsRouted(TransportAddress to) => !to.IsPrivate || _sockets.ContainsKey(to);

    internal void Send(VirtualSocket from, TransportAddress to, byte[] bytes)
    {
        Sent++;
        if (from.IsUnplugged || bytes.Length > Quality.MaxDatagramBytes || Swallow(from.Address, to, bytes))
        {
            Lost++;
        }
        else if (from.Nat?.Find(to) is { } neighbour)
        {
            // Hosts behind one NAT share a network and reach each other there.
            Travel(() => neighbour.Deliver(from.Address, bytes));
        }
        else if (from.Nat is null)
        {
            Route(from.Address, to, bytes);
        }
        else if (to.IsPrivate || from.Nat.Translate(from.Address, to) is not { } outside || (from.Nat.IsOwn(to) && !from.Nat.Kind.IsHairpinning))
        {
            Lost++;
        }
        else
        {
            Route(outside, to, bytes);
        }
    }

    private void Route(TransportAddress from, TransportAddress to, byte[] bytes)
    {
        if (_nats.Find(nat => nat.IsOwn(to)) is { } nat)
        {
            Travel(() => Enter(nat, from, to, bytes));
        }
        else if (_sockets.TryGetValue(to, out var socket))
        {
            Travel(() => socket.Deliver(from, bytes));
        }
        else
        {
            Lost++;
        }
    }

    private void Enter(VirtualNat nat, TransportAddress from, TransportAddress to, byte[] bytes)
    {
        if (nat.LetIn(from, to) is { } inside)
        {
            inside.Deliver(from, bytes);
        }
        else
        {
            Lost++;
        }
    }

    private void Travel(Action arrive)
    {
        var copies = Random.NextDouble() < Quality.Loss ? 0 : Random.NextDouble() < Quality.Duplication ? 2 : 1;
        Lost += copies == 0 ? 1 : 0;
        for (var copy = 0; copy < copies; copy++)
        {
            At(Now + Quality.Delay + (Quality.Jitter * Random.NextDouble()), arrive);
        }
    }
}
