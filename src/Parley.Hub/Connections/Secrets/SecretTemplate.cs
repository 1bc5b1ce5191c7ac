using System.Text.RegularExpressions;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Secrets;

/// <summary>Text with <c>{{secrets.name}}</c> in it: replaced when a delivery leaves, and nowhere else. Pure.</summary>
internal static partial class SecretTemplate
{
    /// <summary>Longest name of a secret in characters.</summary>
    public const int MaxName = 64;

    /// <summary>The names that a text mentions.</summary>
    public static IEnumerable<string> NamesIn(string text) => Place().Matches(text).Select(match => match.Groups[1].Value);

    /// <summary>Whether a text names secrets and says nothing else but the scheme of a credential and marks between them, so that it may be shown.</summary>
    public static bool IsNamesAlone(string text) => Place().IsMatch(text) && Frame().IsMatch(Place().Replace(text, string.Empty));

    /// <summary>Puts the secrets in.</summary>
    /// <param name="text">The text.</param>
    /// <param name="find">The secret of a name; null for none.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>, naming the secret.</exception>
    public static string Expand(string text, Func<string, string?> find) => Place().Replace(text, match => find(match.Groups[1].Value) ?? throw Missing(match.Groups[1].Value));

    /// <summary>What is said of a secret that is not there.</summary>
    public static ParleyException Missing(string name) => new(ErrorCode.NotFound, $"There is no secret {name}: parley secrets set {name}.");

    /// <summary>Refuses what is no name.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static string CheckName(string name) => Name().IsMatch(name)
        ? name
        : throw new ParleyException(ErrorCode.InvalidArgument, $"A secret's name is 1 to {MaxName} letters, digits, _ and -.") { Field = "name" };

    [GeneratedRegex(@"\{\{\s*secrets\.([A-Za-z0-9_-]{1,64})\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();

    [GeneratedRegex(@"\A(?:Bearer|Basic|Token|Key|ApiKey|Digest)?[ :;,=/_.-]*\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Frame();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
