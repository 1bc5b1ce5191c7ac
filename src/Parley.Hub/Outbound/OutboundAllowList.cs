using System.Net;
using Parley.Protocol.Errors;

namespace Parley.Hub.Outbound;

/// <summary>What an operator opened beyond public addresses: hosts by name, and networks.</summary>
/// <remarks>A name opens whatever it resolves to, a network whatever name led there. Neither opens metadata services, multicast, or addresses that are none.</remarks>
internal sealed class OutboundAllowList
{
    private const int MaxHostLength = 253;

    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _networks = [];

    private OutboundAllowList(IReadOnlyList<string> entries) => Entries = entries;

    /// <summary>Nothing is opened.</summary>
    public static OutboundAllowList None { get; } = new([]);

    /// <summary>The entries as typed.</summary>
    public IReadOnlyList<string> Entries { get; }

    /// <summary>Reads entries: <c>localhost</c>, <c>10.1.2.3</c>, <c>10.0.0.0/8</c>, <c>fd00::/8</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for what is none.</exception>
    public static OutboundAllowList Parse(IReadOnlyList<string> entries)
    {
        var list = new OutboundAllowList(entries);
        foreach (var entry in entries)
        {
            list.Add(entry.Trim());
        }

        return list;
    }

    /// <summary>Whether a host was opened by its name.</summary>
    public bool HasHost(string host) => _hosts.Contains(host.TrimEnd('.'));

    /// <summary>Whether an address lies in a network that was opened.</summary>
    public bool HasAddress(IPAddress address)
    {
        var bare = new IPAddress(address.GetAddressBytes());
        return _networks.Exists(network => network.Contains(bare));
    }

    private void Add(string entry)
    {
        if (IPAddress.TryParse(entry.Trim('[', ']'), out var address))
        {
            _networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
        }
        else if (IPNetwork.TryParse(entry, out var network))
        {
            _networks.Add(network);
        }
        else if (entry.Length is > 0 and <= MaxHostLength && Uri.CheckHostName(entry) == UriHostNameType.Dns)
        {
            _hosts.Add(entry.TrimEnd('.'));
        }
        else
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--allow-outbound takes a host, an address or a network, such as 10.0.0.0/8.");
        }
    }
}
