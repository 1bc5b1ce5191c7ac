using System.Text.RegularExpressions;

namespace Parley.Hub.Connections.Log;

/// <summary>Takes credentials out of content before it is written: those whose form tells what they are, and the row's owner's own secrets. Pure.</summary>
/// <remarks>
/// Of secrets only the row's owner's count: another's would let an agent find them out, by sending guesses and reading which are gone from its own rows.
/// What has no form and stands in no secret passes: mode full is for messages that may be read.
/// </remarks>
internal static partial class LogRedaction
{
    /// <summary>What stands for a credential.</summary>
    public const string Mark = "[redacted]";

    /// <summary>Shorter secrets would take common words out of texts.</summary>
    public const int MinSecretLength = 8;

    /// <summary>The content without credentials.</summary>
    /// <param name="content">What a message says.</param>
    /// <param name="secrets">The owner's secrets, longest first.</param>
    public static string Of(string content, IReadOnlyList<string> secrets)
    {
        foreach (var secret in secrets)
        {
            content = content.Replace(secret, Mark, StringComparison.Ordinal);
        }

        content = Keys().Replace(content, Mark);
        content = Credentials().Replace(content, "${scheme} " + Mark);
        return PrivateKeys().Replace(content, Mark);
    }

    /// <summary>The secrets that texts are searched for.</summary>
    public static IReadOnlyList<string> Searched(IEnumerable<string> secrets) =>
        [.. secrets.Where(secret => secret.Length >= MinSecretLength).OrderByDescending(secret => secret.Length)];

    // Parley's own: API and admin keys, room tokens, join strings, signing secrets; and the wide-spread prefixes of others' keys.
    [GeneratedRegex(@"\b(?:pk_|ak_|jt_|tok_|invite_|listen_|whsec_|whsk_|parley-join-|sk-|ghp_|gho_|github_pat_|glpat-|xox[abprs]-|AKIA)[A-Za-z0-9_+/=.~-]{12,}", RegexOptions.CultureInvariant)]
    private static partial Regex Keys();

    [GeneratedRegex(@"\b(?<scheme>Bearer|Basic)\s+[A-Za-z0-9_+/=.~-]{8,}", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Credentials();

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex PrivateKeys();
}
