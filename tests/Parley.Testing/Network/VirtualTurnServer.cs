using System.Text;
using Parley.Protocol.Stun;

namespace Parley.Testing.Network;

/// <summary>A relay on the virtual network, as much of RFC 8656 as clients need: long-term credentials, permissions, channels, lifetimes.</summary>
/// <remarks>As frail as coturn: an allocation that sends to an address without a route is gone.</remarks>
public sealed class VirtualTurnServer
{
    private const string Realm = "relay.test";

    private readonly VirtualInternet _internet;
    private readonly VirtualSocket _socket;
    private readonly byte[] _key;
    private readonly string _user;
    private readonly Dictionary<TransportAddress, Allocation> _allocations = [];
    private int _nextPort = 50000;
    private int _nonce = 1;

    /// <summary>Serves one user.</summary>
    public VirtualTurnServer(VirtualInternet internet, string address, string user, string password)
    {
        ArgumentNullException.ThrowIfNull(internet);
        _internet = internet;
        _socket = internet.Open(address);
        _socket.Received = Take;
        _user = user;
        _key = StunKey.LongTerm(user, Realm, password);
    }

    /// <summary>Where it is.</summary>
    public TransportAddress Address => _socket.Address;

    /// <summary>Allocations that live.</summary>
    public int Allocations => _allocations.Count(allocation => allocation.Value.Until > _internet.Now);

    /// <summary>Allocations that ended because a client sent to an address without a route.</summary>
    public int Ended { get; private set; }

    /// <summary>Datagrams of clients that it passed on by indication.</summary>
    public int ByIndication { get; private set; }

    /// <summary>Datagrams of clients that it passed on by channel.</summary>
    public int ByChannel { get; private set; }

    /// <summary>Lifetime that it gives, in seconds.</summary>
    public uint Lifetime { get; set; } = 600;

    /// <summary>Answers allocations with this error; 0 for none.</summary>
    public int Refuses { get; set; }

    /// <summary>The nonce is another from now on: requests with the old one get 438.</summary>
    public void ChangeNonce() => _nonce++;

    /// <summary>Forgets every allocation.</summary>
    public void Reset() => _allocations.Clear();

    private void Take(TransportAddress from, byte[] bytes)
    {
        if (ChannelData.TryParse(bytes, out var channel, out var data))
        {
            if (Find(from) is { } sender && sender.Channels.TryGetValue(channel, out var peer) && sender.Lets(peer, _internet.Now))
            {
                ByChannel++;
                Forward(sender, peer, data);
            }

            return;
        }

        if (!StunMessage.TryParse(bytes, out var message))
        {
            return;
        }

        if (message is { Class: StunClass.Indication, Method: StunMethod.Send })
        {
            if (Find(from) is { } sender && message.TryGetAddress(StunAttribute.XorPeerAddress, out var peer) && message.TryGet(StunAttribute.Data, out var inner) && sender.Lets(peer, _internet.Now))
            {
                ByIndication++;
                Forward(sender, peer, inner);
            }
        }
        else if (message.Class == StunClass.Request)
        {
            Answer(from, message);
        }
    }

    /// <summary>As coturn does, an allocation ends with the first datagram that the system refuses to send.</summary>
    private void Forward(Allocation allocation, TransportAddress peer, ReadOnlySpan<byte> data)
    {
        if (_internet.IsRouted(peer))
        {
            allocation.Socket.Send(peer, data);
        }
        else
        {
            Ended++;
            allocation.Until = _internet.Now;
        }
    }

    private void Answer(TransportAddress from, StunMessage request)
    {
        if (!request.TryGet(StunAttribute.Username, out var user) || Encoding.UTF8.GetString(user) != _user || !request.IsIntegrityValid(_key))
        {
            Refuse(from, request, 401);
            return;
        }

        if (!request.TryGet(StunAttribute.Nonce, out var nonce) || Encoding.UTF8.GetString(nonce) != $"nonce{_nonce}")
        {
            Refuse(from, request, 438);
            return;
        }

        var allocation = Find(from);
        if (request.Method == StunMethod.Allocate && Refuses == 0)
        {
            allocation ??= Open(from);
        }

        if (allocation is null)
        {
            Refuse(from, request, request.Method == StunMethod.Allocate ? Refuses : 437);
            return;
        }

        Change(allocation, request);
        var writer = new StunWriter(stackalloc byte[512], StunClass.Success, request.Method, request.Transaction);
        writer.Add(StunAttribute.XorRelayedAddress, allocation.Socket.Address);
        writer.Add(StunAttribute.XorMappedAddress, from);
        writer.Add(StunAttribute.Lifetime, Lifetime);
        writer.AddIntegrity(_key);
        _socket.Send(from, writer.Written);
    }

    private void Change(Allocation allocation, StunMessage request)
    {
        if (request.Method == StunMethod.Refresh && request.TryGetUInt32(StunAttribute.Lifetime, out var lifetime) && lifetime == 0)
        {
            allocation.Until = _internet.Now;
        }
        else if (request.Method is StunMethod.Refresh)
        {
            allocation.Until = _internet.Now + TimeSpan.FromSeconds(Lifetime);
        }
        else if (request.TryGetAddress(StunAttribute.XorPeerAddress, out var peer))
        {
            allocation.Permissions[peer.WithPort(0)] = _internet.Now + TimeSpan.FromMinutes(5);
            if (request.TryGetUInt32(StunAttribute.ChannelNumber, out var number))
            {
                allocation.Channels[(int)(number >> 16)] = peer;
            }
        }
    }

    private Allocation Open(TransportAddress from)
    {
        var socket = _internet.Open(_socket.Address.WithPort(_nextPort++).ToString());
        var allocation = new Allocation(socket) { Until = _internet.Now + TimeSpan.FromSeconds(Lifetime) };
        socket.Received = (peer, bytes) =>
        {
            if (allocation.Until > _internet.Now && allocation.Lets(peer, _internet.Now))
            {
                Pass(from, allocation, peer, bytes);
            }
        };
        _allocations[from] = allocation;
        return allocation;
    }

    private void Pass(TransportAddress client, Allocation allocation, TransportAddress peer, byte[] bytes)
    {
        var channel = allocation.Channels.FirstOrDefault(channel => channel.Value == peer).Key;
        if (channel != 0)
        {
            var framed = new byte[ChannelData.HeaderSize + bytes.Length];
            ChannelData.WriteHeader(framed, channel, bytes.Length);
            bytes.CopyTo(framed, ChannelData.HeaderSize);
            _socket.Send(client, framed);
            return;
        }

        var writer = new StunWriter(new byte[StunWriter.UsualRoom + bytes.Length], StunClass.Indication, StunMethod.Data, default);
        writer.Add(StunAttribute.XorPeerAddress, peer);
        writer.Add(StunAttribute.Data, bytes);
        _socket.Send(client, writer.Written);
    }

    private void Refuse(TransportAddress from, StunMessage request, int code)
    {
        var writer = new StunWriter(stackalloc byte[512], StunClass.Error, request.Method, request.Transaction);
        writer.AddError(code, "no"u8);
        if (code is 401 or 438)
        {
            writer.Add(StunAttribute.Realm, Realm);
            writer.Add(StunAttribute.Nonce, $"nonce{_nonce}");
        }

        _socket.Send(from, writer.Written);
    }

    private Allocation? Find(TransportAddress client) => _allocations.TryGetValue(client, out var allocation) && allocation.Until > _internet.Now ? allocation : null;

    private sealed class Allocation(VirtualSocket socket)
    {
        public VirtualSocket Socket => socket;

        public TimeSpan Until { get; set; }

        public Dictionary<TransportAddress, TimeSpan> Permissions { get; } = [];

        public Dictionary<int, TransportAddress> Channels { get; } = [];

        public bool Lets(TransportAddress peer, TimeSpan now) => Permissions.TryGetValue(peer.WithPort(0), out var until) && until > now;
    }
}
