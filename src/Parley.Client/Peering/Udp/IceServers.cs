using System.Net;
using System.Net.Sockets;
using Parley.Protocol.Stun;
using Parley.WebRtc.Turn;

namespace Parley.Client.Peering.Udp;

/// <summary>The servers of a process by address: those that its user named, and the hub's STUN server once the link is up. Names are looked up for each attempt.</summary>
/// <param name="options">Those that the user named.</param>
/// <param name="hub">The hub's, once its welcome came.</param>
/// <param name="time">Clock.</param>
internal sealed class IceServers(UdpPathOptions options, Func<IceServer?> hub, TimeProvider time)
{
    /// <summary>Addresses of one name, at most: one for each IP version.</summary>
    private const int MaxOfName = 2;

    /// <summary>Looks all up at once; those that have no address are told.</summary>
    public async Task<FoundServers> ResolveAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var servers = options.Servers.ToList();
        if (hub() is { } own)
        {
            servers.Insert(0, own);
        }

        var found = await Task.WhenAll(servers.Distinct().Select(async server => (Server: server, Addresses: await LookUpAsync(server, tell, cancellationToken))));
        return new FoundServers(
            [.. found.Where(one => !one.Server.IsRelay).SelectMany(one => one.Addresses).Distinct()],
            [.. found.Where(one => one.Server is { IsRelay: true, Transport: TurnTransport.Udp }).SelectMany(one => one.Addresses.Select(address => new TurnServer(address, one.Server.User, one.Server.Secret)))],
            [.. found.Where(one => one.Server.Transport != TurnTransport.Udp).SelectMany(one => one.Addresses.Select(address => (one.Server, address.ToEndPoint().Address)))]);
    }

    private async Task<IReadOnlyList<TransportAddress>> LookUpAsync(IceServer server, Action<string> tell, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(server.Host, out var address))
        {
            return [TransportAddress.From(address, server.Port)];
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(server.Host, cancellationToken).WaitAsync(options.LookupTimeout, time, cancellationToken);
            return [.. found.DistinctBy(one => one.AddressFamily).Take(MaxOfName).Select(one => TransportAddress.From(one, server.Port))];
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException)
        {
            tell($"{server} has no address");
            return [];
        }
    }
}

/// <summary>What servers came to.</summary>
/// <param name="Stun">Servers that tell addresses.</param>
/// <param name="Turn">Relays over UDP.</param>
/// <param name="Streams">Relays over TCP and TLS.</param>
internal sealed record FoundServers(IReadOnlyList<TransportAddress> Stun, IReadOnlyList<TurnServer> Turn, IReadOnlyList<(IceServer Server, IPAddress Address)> Streams);
