using Parley.Protocol.Stun;

namespace Parley.Testing.Network;

/// <summary>A UDP socket on the virtual network.</summary>
public sealed class VirtualSocket
{
    private readonly VirtualInternet _internet;

    internal VirtualSocket(VirtualInternet internet, TransportAddress address, VirtualNat? nat) => (_internet, Address, Nat) = (internet, address, nat);

    /// <summary>Its own address.</summary>
    public TransportAddress Address { get; }

    /// <summary>The NAT in front of it; null for none.</summary>
    public VirtualNat? Nat { get; }

    /// <summary>The cable is out: nothing goes and nothing comes.</summary>
    public bool IsUnplugged { get; set; }

    /// <summary>Takes what comes: from whom, and what.</summary>
    public Action<TransportAddress, byte[]> Received { get; set; } = (_, _) => { };

    /// <summary>Sends a datagram.</summary>
    public void Send(TransportAddress to, ReadOnlySpan<byte> bytes) => _internet.Send(this, to, bytes.ToArray());

    internal void Deliver(TransportAddress from, byte[] bytes)
    {
        if (!IsUnplugged)
        {
            Received(from, bytes);
        }
    }
}
