using System.Net;
using System.Net.Sockets;
using Parley.Protocol.Errors;

namespace Parley.Hub.Outbound;

/// <summary>Connects to hosts that somebody else named: resolves, checks every address, and connects to a checked one, so that no second look at the name can differ.</summary>
internal sealed class OutboundDialer(OutboundPolicy policy, IAddressResolver resolver)
{
    // A name with more addresses than these is either a mistake or a probe.
    private const int MaxAddresses = 32;

    /// <summary>Opens a connection.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OutboundRefused"/>: one of the host's addresses may not be called.</exception>
    /// <exception cref="SocketException">The name is unknown, or nothing answers.</exception>
    public async ValueTask<Stream> DialAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host, cancellationToken);
        foreach (var address in addresses)
        {
            policy.Addresses.Check(host, address);
        }

        for (var index = 0; ; index++)
        {
            try
            {
                return await ConnectAsync(addresses[index], port, cancellationToken);
            }
            catch (SocketException) when (index < addresses.Count - 1)
            {
                // The next one may answer; the last one's failure is told.
            }
        }
    }

    // Numbers in any spelling are addresses, as every resolver takes them: 127.1, 0x7f000001, 2130706433, 0177.0.0.1.
    private async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Trim('[', ']').TrimEnd('.'), out var literal))
        {
            return [literal];
        }

        var addresses = await resolver.ResolveAsync(host, cancellationToken);
        return addresses.Count switch
        {
            0 => throw new SocketException((int)SocketError.HostNotFound),
            > MaxAddresses => throw new ParleyException(ErrorCode.OutboundRefused, "The host has more addresses than this hub looks at."),
            _ => addresses,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
