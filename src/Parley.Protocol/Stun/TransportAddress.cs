using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Parley.Protocol.Stun;

/// <summary>An IP address and a port as one value without allocation: what ICE pairs, NATs map and sockets send to.</summary>
/// <remarks>
/// An IPv4 address inside IPv6 (<c>::ffff:a.b.c.d</c>) is the IPv4 address. Scopes of link-local addresses are left out: the local address of a
/// pair says which interface is meant.
/// </remarks>
public readonly record struct TransportAddress
{
    private readonly UInt128 _bits;

    private TransportAddress(UInt128 bits, bool isIPv6, ushort port) => (_bits, IsIPv6, Port) = (bits, isIPv6, port);

    /// <summary>Sixteen bytes of address; else four.</summary>
    public bool IsIPv6 { get; }

    /// <summary>The port.</summary>
    public ushort Port { get; }

    /// <summary>Nothing was set: address and port are zero.</summary>
    public bool IsNone => _bits == 0 && Port == 0;

    /// <summary>The address means no host in particular.</summary>
    public bool IsAny => _bits == 0;

    /// <summary>127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIPv6 ? _bits == 1 : (uint)_bits >> 24 == 127;

    /// <summary>169.254.0.0/16 or fe80::/10.</summary>
    public bool IsLinkLocal => IsIPv6 ? (ushort)(_bits >> 118) == 0xFE80 >> 6 : (uint)_bits >> 16 == 0xA9FE;

    /// <summary>224.0.0.0/4, ff00::/8 or the IPv4 broadcast address.</summary>
    public bool IsMulticast => IsIPv6 ? (byte)(_bits >> 120) == 0xFF : (uint)_bits >> 28 == 14 || (uint)_bits == uint.MaxValue;

    /// <summary>An address that no other network can reach: RFC 1918, RFC 6598, unique local IPv6.</summary>
    public bool IsPrivate => IsIPv6
        ? (byte)(_bits >> 121) == 0xFC >> 1
        : (uint)_bits >> 24 == 10 || (uint)_bits >> 20 == 0xAC1 || (uint)_bits >> 16 == 0xC0A8 || (uint)_bits >> 22 == 0x6440 >> 6;

    /// <summary>Length of the address in bytes: 4 or 16.</summary>
    public int AddressSize => IsIPv6 ? 16 : 4;

    /// <summary>The address in the network's order, 4 or 16 bytes.</summary>
    public static TransportAddress From(ReadOnlySpan<byte> address, int port)
    {
        if (address.Length == 4)
        {
            return new TransportAddress(BinaryPrimitives.ReadUInt32BigEndian(address), false, (ushort)port);
        }

        var bits = BinaryPrimitives.ReadUInt128BigEndian(address);
        return bits >> 32 == 0xFFFF ? new TransportAddress((uint)bits, false, (ushort)port) : new TransportAddress(bits, true, (ushort)port);
    }

    /// <summary>The same as a socket's address.</summary>
    public static TransportAddress From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return From(endPoint.Address, endPoint.Port);
    }

    /// <summary>Address and port.</summary>
    public static TransportAddress From(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var count);
        return From(bytes[..count], port);
    }

    /// <summary>Reads <c>192.0.2.1:3478</c> or <c>[2001:db8::1]:3478</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TransportAddress address)
    {
        address = default;
        if (text.Length > 64 || !IPEndPoint.TryParse(text, out var endPoint) || (endPoint.AddressFamily == AddressFamily.InterNetworkV6 && text[0] != '['))
        {
            return false;
        }

        address = From(endPoint);
        return true;
    }

    /// <summary>The same, for addresses that are known to be right.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static TransportAddress Parse(ReadOnlySpan<char> text) => TryParse(text, out var address) ? address : throw new FormatException("That is no address and port.");

    /// <summary>The same host, whatever the port.</summary>
    public bool IsSameHost(TransportAddress other) => _bits == other._bits && IsIPv6 == other.IsIPv6;

    /// <summary>The same host at another port.</summary>
    public TransportAddress WithPort(int port) => new(_bits, IsIPv6, (ushort)port);

    /// <summary>Writes the address's 4 or 16 bytes.</summary>
    public void WriteAddress(Span<byte> destination)
    {
        if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, _bits);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_bits);
        }
    }

    /// <summary>As the system's type.</summary>
    /// <param name="scope">Interface of a link-local address; 0 for none.</param>
    public IPEndPoint ToEndPoint(long scope = 0) => new(ToIPAddress(scope), Port);

    /// <summary>The address as the system's type.</summary>
    /// <param name="scope">Interface of a link-local address; 0 for none.</param>
    public IPAddress ToIPAddress(long scope = 0)
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteAddress(bytes);
        return IsIPv6 ? new IPAddress(bytes, scope) : new IPAddress(bytes[..4]);
    }

    /// <summary><c>192.0.2.1:3478</c> or <c>[2001:db8::1]:3478</c>.</summary>
    public override string ToString() => ToEndPoint().ToString();
}
