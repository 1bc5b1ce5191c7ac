namespace Parley.Cli.Peers;

/// <summary>What <c>peer discover --json</c> prints of who was found.</summary>
/// <param name="Name">As it says.</param>
/// <param name="Addresses">Address and port, as it says.</param>
/// <param name="Fingerprint">Of the certificate that it says it shows.</param>
/// <param name="State">What <c>peers.json</c> says to that.</param>
/// <param name="Add">How it would be added; null where there is nothing to add.</param>
internal sealed record FoundPeerRow(string Name, string[] Addresses, string Fingerprint, string State, string? Add)
{
    /// <summary>An entry has this name and this fingerprint.</summary>
    public const string Known = "known";

    /// <summary>The entry of this name has another fingerprint.</summary>
    public const string Differs = "differs";

    /// <summary>The entry of this name pins a key, with which a fingerprint cannot be compared; asking does.</summary>
    public const string KeyPinned = "key-pinned";

    /// <summary>There is no entry of this name.</summary>
    public const string Unknown = "unknown";

    /// <summary>It is this home.</summary>
    public const string Self = "self";
}
