using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp;

/// <summary>Buffers that one call of the system fills: each one datagram, or several of equal size from one source, joined by the kernel.</summary>
internal sealed class ReceiveBatch
{
    /// <summary>Buffers.</summary>
    public const int Slots = 32;

    /// <summary>Bytes of one: the largest that the kernel joins.</summary>
    public const int SlotBytes = 1 << 16;

    /// <summary>All buffers, one after the other; does not move. Pages that are never filled stay unused.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(Slots * SlotBytes, pinned: true);

    /// <summary>Bytes in each.</summary>
    public int[] Lengths { get; } = new int[Slots];

    /// <summary>Bytes of each datagram in it; the last one may be shorter.</summary>
    public int[] SegmentBytes { get; } = new int[Slots];

    /// <summary>Where each came from.</summary>
    public TransportAddress[] Remotes { get; } = new TransportAddress[Slots];

    /// <summary>The bytes of one.</summary>
    public ReadOnlySpan<byte> Of(int slot) => Buffer.AsSpan(slot * SlotBytes, Lengths[slot]);
}
