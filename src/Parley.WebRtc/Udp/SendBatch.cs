using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp;

/// <summary>Datagrams that go to the system together: written one after the other into one buffer, those that the kernel can cut apart joined to one entry.</summary>
internal sealed class SendBatch
{
    /// <summary>Longest payload of a datagram over IPv4.</summary>
    public const int MaxDatagram = 65_507;

    /// <summary>Datagrams in one buffer at most: what every kernel with segmentation takes.</summary>
    public const int MaxSegments = 64;

    private const int MaxEntries = 64;

    private readonly SendEntry[] _entries = new SendEntry[MaxEntries];
    private int _written;

    /// <summary>The bytes; does not move.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(5 * MaxDatagram, pinned: true);

    /// <summary>Entries so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a datagram of any size still has room.</summary>
    public bool HasRoom => Count < MaxEntries && Buffer.Length - _written >= MaxDatagram;

    /// <summary>Where the next datagram is written.</summary>
    public Span<byte> Free => Buffer.AsSpan(_written);

    /// <summary>One entry.</summary>
    public ref SendEntry this[int index] => ref _entries[index];

    /// <summary>The datagram that was written at <see cref="Free"/> is part of it now.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="socket">Which socket it goes out of.</param>
    /// <param name="remote">Where to.</param>
    /// <param name="isProbe">Must not be cut on the way.</param>
    /// <param name="maxSegmentBytes">The largest that may share a buffer.</param>
    public void Add(int length, int socket, TransportAddress remote, bool isProbe, int maxSegmentBytes)
    {
        if (Count > 0 && !isProbe)
        {
            ref var last = ref _entries[Count - 1];
            if (last.IsOpen && last.Socket == socket && last.Segments < MaxSegments && length <= last.SegmentBytes && last.SegmentBytes <= maxSegmentBytes
                && last.Length + length <= MaxDatagram && last.Remote == remote)
            {
                last.Length += length;
                last.Segments++;
                last.IsOpen = length == last.SegmentBytes;
                _written += length;
                return;
            }
        }

        _entries[Count++] = new SendEntry
        {
            Socket = socket, Remote = remote, Offset = _written, Length = length, SegmentBytes = length, Segments = 1, IsProbe = isProbe, IsOpen = !isProbe,
        };
        _written += length;
    }

    /// <summary>Everything was sent or given up.</summary>
    public void Clear() => (Count, _written) = (0, 0);
}
