using System.Net;
using System.Net.Sockets;

namespace Parley.Protocol.Formats;

/// <summary>An address as strangers are counted by it: an IPv4 address, or an IPv6 network of 64 bits, which one subscriber has.</summary>
public static class AddressBlock
{
    private const int NetworkBytes = 8;

    /// <summary>The text of an address; null is a connection that has none, in tests.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "local";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, NetworkBytes, bytes.Length - NetworkBytes);
        return $"{new IPAddress(bytes)}/64";
    }
}
