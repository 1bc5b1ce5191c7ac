namespace Parley.Cli;

/// <summary>How a hub's address is printed.</summary>
internal static class Addresses
{
    /// <summary>Scheme, host and port, without a last slash.</summary>
    public static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
