namespace Parley.Cli.Home;

/// <summary>What one check of <c>parley doctor</c> found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Ok">Whether it is well.</param>
/// <param name="Found">What it is like.</param>
/// <param name="Fixer">Who can put it right; null where nothing is wrong.</param>
internal sealed record CheckResult(string Check, bool Ok, string Found, string? Fixer = null);
