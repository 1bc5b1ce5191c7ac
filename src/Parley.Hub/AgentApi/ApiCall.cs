using Parley.Gateway.A2a;
using Parley.Hub.Identity;

namespace Parley.Hub.AgentApi;

/// <summary>Who uses an operation of A2A, and how its door was spoken to.</summary>
/// <param name="Caller">The caller, authenticated and with the scope for messages.</param>
/// <param name="Version">The version of the request; push notifications go out in it.</param>
internal sealed record ApiCall(Principal Caller, A2aVersion Version)
{
    private static readonly IReadOnlySet<string> _none = new HashSet<string>();

    /// <summary>The extensions that the caller named.</summary>
    public IReadOnlySet<string> Extensions { get; init; } = _none;

    /// <summary>The address under which the caller reached the hub, for absolute addresses in what it reads; null where the door cannot tell: the configured one.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>What <c>params.context</c> of the seed's dialect and other doors add for the responder: free metadata, the sender's word.</summary>
    public IReadOnlyDictionary<string, string> Context { get; init; } = new Dictionary<string, string>();
}
