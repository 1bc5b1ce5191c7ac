using Parley.Protocol.Stun;

namespace Parley.Testing.Network;

/// <summary>A NAT as RFC 4787 classifies them: which public port a flow gets, and who may answer to it.</summary>
public sealed class VirtualNat
{
    private readonly VirtualInternet _internet;
    private readonly TransportAddress _address;
    private readonly List<VirtualSocket> _inside = [];
    private readonly Dictionary<(TransportAddress Inside, TransportAddress Outside), Mapping> _mappings = [];
    private readonly Dictionary<int, Mapping> _ports = [];

    internal VirtualNat(VirtualInternet internet, NatKind kind, TransportAddress address) => (_internet, Kind, _address) = (internet, kind, address);

    /// <summary>What kind it is.</summary>
    public NatKind Kind { get; }

    /// <summary>Forgets every mapping, as after a power cut.</summary>
    public void Reset()
    {
        _mappings.Clear();
        _ports.Clear();
    }

    internal bool IsOwn(TransportAddress address) => address.IsSameHost(_address);

    internal void Add(VirtualSocket socket) => _inside.Add(socket);

    internal VirtualSocket? Find(TransportAddress address) => _inside.Find(socket => socket.Address == address);

    /// <summary>A datagram leaves: the public address that it gets.</summary>
    internal TransportAddress? Translate(TransportAddress inside, TransportAddress outside)
    {
        if (inside.IsIPv6 != _address.IsIPv6)
        {
            return null;
        }

        var key = (inside, Narrow(outside, Kind.Mapping));
        if (!_mappings.TryGetValue(key, out var mapping) || IsOver(mapping))
        {
            if (mapping is not null)
            {
                _ports.Remove(mapping.Port);
            }

            mapping = new Mapping(inside, PickPort(inside.Port));
            _mappings[key] = mapping;
            _ports[mapping.Port] = mapping;
        }

        mapping.UsedAt = _internet.Now;
        mapping.Peers.Add(Narrow(outside, Kind.Filtering));
        return _address.WithPort(mapping.Port);
    }

    /// <summary>A datagram comes: whose it is, if it is let in.</summary>
    internal VirtualSocket? LetIn(TransportAddress from, TransportAddress to) =>
        _ports.TryGetValue(to.Port, out var mapping) && !IsOver(mapping) && mapping.Peers.Contains(Narrow(from, Kind.Filtering)) ? Find(mapping.Inside) : null;

    private static TransportAddress Narrow(TransportAddress address, NatBehaviour behaviour) => behaviour switch
    {
        NatBehaviour.Independent => default,
        NatBehaviour.Address => address.WithPort(0),
        _ => address,
    };

    private bool IsOver(Mapping mapping) => _internet.Now - mapping.UsedAt > Kind.Timeout;

    private int PickPort(int wish)
    {
        var port = Kind.KeepsPorts ? wish : _internet.Random.Next(1024, 65536);
        while (_ports.ContainsKey(port))
        {
            port = _internet.Random.Next(1024, 65536);
        }

        return port;
    }

    private sealed class Mapping(TransportAddress inside, int port)
    {
        public TransportAddress Inside => inside;

        public int Port => port;

        public TimeSpan UsedAt { get; set; }

        public HashSet<TransportAddress> Peers { get; } = [];
    }
}
