namespace Parley.Gateway.Client;

/// <summary>Says with what a call proves who makes it; asked before each call, so that tokens may change.</summary>
public interface IA2aCredentials
{
    /// <summary>The credential for an address; null for none. The address comes from a card that somebody else wrote.</summary>
    ValueTask<A2aCredential?> FindAsync(Uri address, CancellationToken cancellationToken);
}
