using Parley.Gateway.A2a;

namespace Parley.Gateway.Client;

/// <summary>One interface of an agent: where, how and in which version it is spoken to.</summary>
/// <param name="Url">Absolute address; of gRPC only scheme, host and port count.</param>
/// <param name="Binding">How.</param>
/// <param name="Version">1.0 or 0.3.</param>
/// <param name="Tenant">What the card says to echo; empty for none. 0.3 has no place for it.</param>
public sealed record A2aEndpoint(Uri Url, A2aBinding Binding, A2aVersion Version, string Tenant = "")
{
    /// <summary>The version as cards and headers write it.</summary>
    public string VersionText => Version == A2aVersion.V03 ? "0.3" : "1.0";
}
