using System.Net;

namespace Parley.Hub.Transports.Http;

/// <summary>Which Host headers are ours. A web page can point its own name at this machine (DNS rebinding) and then call the hub from a visitor's browser; it cannot send our name.</summary>
internal sealed class HostFilter(IEnumerable<string?> names)
{
    private readonly HashSet<string> _names = new(names.OfType<string>().Append("localhost"), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request for this host may be served: our names, and any literal address.</summary>
    public bool Allows(string host) => _names.Contains(host) || IPAddress.TryParse(host.Trim('[', ']'), out _);
}
