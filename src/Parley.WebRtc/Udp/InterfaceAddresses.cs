using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Parley.WebRtc.Udp;

/// <summary>This machine's addresses, and which of them get a socket. The choice is pure.</summary>
public static class InterfaceAddresses
{
    private const string Inet6File = "/proc/net/if_inet6";
    private const int Temporary = 0x01;
    private const int Unusable = 0x08 | 0x40;
    private const int Deprecated = 0x20;
    private const int NetworkBytes = 8;

    /// <summary>All addresses of interfaces that are up.</summary>
    public static IReadOnlyList<InterfaceAddress> OfThisMachine()
    {
        var flags = File.Exists(Inet6File) ? ReadFlags(File.ReadAllText(Inet6File)) : null;
        var found = new List<InterfaceAddress>();
        foreach (var one in NetworkInterface.GetAllNetworkInterfaces().Where(one => one.OperationalStatus == OperationalStatus.Up || one.NetworkInterfaceType == NetworkInterfaceType.Loopback))
        {
            foreach (var address in one.GetIPProperties().UnicastAddresses)
            {
                if (flags is null || address.Address.AddressFamily != AddressFamily.InterNetworkV6)
                {
                    found.Add(new InterfaceAddress(address.Address, one.Name, IsTemporaryElsewhere(address)));
                }
                else if (flags.TryGetValue(new IPAddress(address.Address.GetAddressBytes()), out var bits) && (bits & Unusable) == 0)
                {
                    found.Add(new InterfaceAddress(address.Address, one.Name, (bits & Temporary) != 0, (bits & Deprecated) != 0));
                }
            }
        }

        return found;
    }

    /// <summary>
    /// The addresses that get a socket: no link-local ones, loopback only when asked for and then last; of a network's IPv6 addresses the temporary ones alone, where there are some;
    /// both IP versions get their share of the room.
    /// </summary>
    public static IReadOnlyList<IPAddress> Choose(IReadOnlyList<InterfaceAddress> present, bool isLoopbackAllowed, int max)
    {
        ArgumentNullException.ThrowIfNull(present);
        var usable = present.Where(one => IsUsable(one.Address, isLoopbackAllowed)).DistinctBy(one => one.Address).ToList();
        var fresh = usable.Where(one => one is { IsTemporary: true, IsDeprecated: false }).ToList();
        var kept = usable.Where(one => !one.IsDeprecated && (one.IsTemporary || !fresh.Exists(other => IsSameNetwork(one, other)))).ToList();
        var (six, four, loopback) = (Of(AddressFamily.InterNetworkV6), Of(AddressFamily.InterNetwork), kept.Where(one => IPAddress.IsLoopback(one.Address)).Select(one => one.Address).ToList());
        var room = Math.Max(0, max - loopback.Count);
        var sixes = Math.Min(six.Count, Math.Max(room / 2, room - four.Count));
        return [.. six.Take(sixes).Concat(four.Take(room - sixes)).Concat(loopback).Take(max)];

        List<IPAddress> Of(AddressFamily family) => [.. kept.Where(one => one.Address.AddressFamily == family && !IPAddress.IsLoopback(one.Address)).Select(one => one.Address)];
    }

    /// <summary>Whether an address is one host's, and means the same on every link: no link-local, multicast, unspecified or broadcast one.</summary>
    public static bool IsUsable(IPAddress address, bool isLoopbackAllowed)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (IPAddress.IsLoopback(address))
        {
            return isLoopbackAllowed;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return !address.IsIPv6LinkLocal && !address.IsIPv6Multicast && !address.IsIPv6SiteLocal && !address.IsIPv4MappedToIPv6 && !address.Equals(IPAddress.IPv6Any);
        }

        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) && bytes[0] is not 0 and < 224 && !(bytes[0] == 169 && bytes[1] == 254);
    }

    /// <summary>Reads Linux's list of IPv6 addresses: address (32 hexadecimal digits), index, prefix, scope, flags, name.</summary>
    internal static Dictionary<IPAddress, int> ReadFlags(string text)
    {
        var flags = new Dictionary<IPAddress, int>();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [{ Length: 32 } digits, _, _, _, var bits, ..] && digits.All(char.IsAsciiHexDigit) && int.TryParse(bits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                flags[new IPAddress(Convert.FromHexString(digits))] = value;
            }
        }

        return flags;
    }

    private static bool IsSameNetwork(InterfaceAddress one, InterfaceAddress other) =>
        one.Interface == other.Interface && one.Address.AddressFamily == AddressFamily.InterNetworkV6
        && one.Address.GetAddressBytes().AsSpan(0, NetworkBytes).SequenceEqual(other.Address.GetAddressBytes().AsSpan(0, NetworkBytes));

    private static bool IsTemporaryElsewhere(UnicastIPAddressInformation address) =>
        OperatingSystem.IsWindows() && address.Address.AddressFamily == AddressFamily.InterNetworkV6 && address.SuffixOrigin == SuffixOrigin.Random;
}
