using System.Net;

namespace Parley.Hub.Outbound;

/// <summary>Turns a host's name into addresses: the system's resolver, or a test's.</summary>
internal interface IAddressResolver
{
    /// <summary>All addresses of a name, in the order in which they should be tried.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">There are none.</exception>
    ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}
