using System.Net;

namespace Parley.Hub.Outbound;

/// <summary>The operating system's resolver.</summary>
internal sealed class SystemResolver : IAddressResolver
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken) =>
        await Dns.GetHostAddressesAsync(host, cancellationToken);
}
