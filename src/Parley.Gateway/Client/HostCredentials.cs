namespace Parley.Gateway.Client;

/// <summary>One credential for one host: a card that names interfaces elsewhere does not get it there, nor in clear text when the card itself came encrypted.</summary>
/// <param name="home">The address that the caller named.</param>
/// <param name="credential">What it is given.</param>
public sealed class HostCredentials(Uri home, A2aCredential credential) : IA2aCredentials
{
    /// <inheritdoc/>
    public ValueTask<A2aCredential?> FindAsync(Uri address, CancellationToken cancellationToken)
    {
        var isHome = string.Equals(address.IdnHost, home.IdnHost, StringComparison.OrdinalIgnoreCase) &&
            (address.Scheme == Uri.UriSchemeHttps || home.Scheme != Uri.UriSchemeHttps);
        return ValueTask.FromResult(isHome ? credential : null);
    }
}
