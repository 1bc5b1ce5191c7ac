using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary>Which interface of this machine discovery uses.</summary>
internal static class LocalNetwork
{
    /// <summary>The interface that was named, else the one that leads out of this machine.</summary>
    /// <param name="named">An IPv4 address of it; null: choose.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: it is none. <see cref="ErrorCode.Unavailable"/>: there is no network.</exception>
    public static IPAddress Choose(string? named)
    {
        if (named is not null)
        {
            return IPAddress.TryParse(named, out var address) && address.AddressFamily == AddressFamily.InterNetwork
                ? address
                : throw new ParleyException(ErrorCode.InvalidArgument, "--interface is an IPv4 address of this machine, as ip addr shows it.");
        }

        var candidates = NetworkInterface.GetAllNetworkInterfaces()
            .Where(one => one is { OperationalStatus: OperationalStatus.Up, SupportsMulticast: true } && one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Select(static one => one.GetIPProperties())
            .OrderByDescending(static one => one.GatewayAddresses.Count)
            .SelectMany(static one => one.UnicastAddresses)
            .Select(static one => one.Address);
        return candidates.FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork)
            ?? throw new ParleyException(ErrorCode.Unavailable, "This machine has no network with IPv4 multicast; name one with --interface ADDRESS.");
    }
}
