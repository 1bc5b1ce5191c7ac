using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp.Linux;

/// <summary>The headers of one direction's system calls: made once, since the buffers that they point to do not move.</summary>
internal sealed unsafe class LinuxMemory : IDisposable
{
    /// <summary>Bytes of a struct sockaddr_in6, the longer one.</summary>
    public const int AddressBytes = 28;

    /// <summary>Bytes for one control message with a number in it.</summary>
    public const int ControlBytes = 24;

    private const int ShortAddressBytes = 16;
    private const int PerHeader = 128;

    private readonly byte* _memory;

    /// <summary>Memory for that many headers.</summary>
    public LinuxMemory(int count)
    {
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(count * PerHeader * 2), PerHeader);
        NativeMemory.Clear(_memory, (nuint)(count * PerHeader * 2));
        Headers = (LibC.ManyHeader*)_memory;
        Vectors = (LibC.Vector*)(_memory + (count * sizeof(LibC.ManyHeader)));
        Controls = _memory + (count * (sizeof(LibC.ManyHeader) + sizeof(LibC.Vector)));
        Addresses = Controls + (count * ControlBytes);
        for (var index = 0; index < count; index++)
        {
            Headers[index].Name = AddressOf(index);
            Headers[index].Vectors = Vectors + index;
            Headers[index].VectorCount = 1;
        }
    }

    /// <summary>The headers that the calls take.</summary>
    public LibC.ManyHeader* Headers { get; }

    /// <summary>One buffer for each header.</summary>
    public LibC.Vector* Vectors { get; }

    private byte* Controls { get; }

    private byte* Addresses { get; }

    /// <summary>Room for the control message of one header.</summary>
    public byte* ControlOf(int index) => Controls + (index * ControlBytes);

    /// <summary>Puts an address in the system's layout: family (2, of the host), port (2, big endian), then IPv4 (4), or flow label (4), IPv6 (16) and scope (4).</summary>
    /// <returns>Its length.</returns>
    public uint WriteAddress(int index, TransportAddress address, uint scope)
    {
        var bytes = new Span<byte>(AddressOf(index), AddressBytes);
        MemoryMarshal.Write(bytes, address.IsIPv6 ? LibC.AfInet6 : LibC.AfInet);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], address.Port);
        if (!address.IsIPv6)
        {
            address.WriteAddress(bytes[4..]);
            return ShortAddressBytes;
        }

        MemoryMarshal.Write(bytes[4..], 0u);
        address.WriteAddress(bytes[8..]);
        MemoryMarshal.Write(bytes[24..], scope);
        return AddressBytes;
    }

    /// <summary>The address that the system wrote.</summary>
    public TransportAddress ReadAddress(int index)
    {
        var bytes = new ReadOnlySpan<byte>(AddressOf(index), AddressBytes);
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return TransportAddress.From(MemoryMarshal.Read<ushort>(bytes) == LibC.AfInet ? bytes.Slice(4, 4) : bytes.Slice(8, 16), port);
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_memory);

    private byte* AddressOf(int index) => Addresses + (index * AddressBytes);
}
