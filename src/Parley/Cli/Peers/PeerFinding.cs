namespace Parley.Cli.Peers;

/// <summary>What <c>parley peer doctor</c> found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Level">ok, warn or fail.</param>
/// <param name="Found">What it is like.</param>
/// <param name="Mend">The command that mends it, or who can; null where nothing is wrong.</param>
internal sealed record PeerFinding(string Check, string Level, string Found, string? Mend = null)
{
    /// <summary>Well.</summary>
    public const string Ok = "ok";

    /// <summary>Works, but is weak.</summary>
    public const string Warn = "warn";

    /// <summary>Does not work.</summary>
    public const string Fail = "fail";
}
