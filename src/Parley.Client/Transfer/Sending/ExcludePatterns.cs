using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Sending;

/// <summary>Which files and folders stay where they are, by patterns as <c>.gitignore</c> writes them: <c>*</c> and <c>?</c> within a part, <c>**</c> across parts; a slash at the end for folders
/// alone; a slash elsewhere ties the pattern to the folder that is sent.</summary>
internal sealed class ExcludePatterns
{
    private const int MaxLength = 1000;
    private const int MaxAcross = 3;
    private readonly List<Pattern> _patterns = [];

    /// <summary>Reads patterns.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: an empty one, or too many <c>**</c>, each of which multiplies the work.</exception>
    public ExcludePatterns(IEnumerable<string> patterns)
    {
        foreach (var text in patterns)
        {
            var parts = text.Trim('/').Split('/');
            if (text.Length > MaxLength || parts.Any(static part => part.Length == 0) || parts.Count(static part => part == "**") > MaxAcross)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"A pattern has 1 to {MaxLength} characters, no empty part, and at most {MaxAcross} times '**'.");
            }

            _patterns.Add(new Pattern(parts, text.EndsWith('/'), IsTied: text.TrimEnd('/').Contains('/', StringComparison.Ordinal)));
        }
    }

    /// <summary>Whether an entry stays out.</summary>
    /// <param name="path">Its path below the folder that is sent.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool Match(string path, bool isFolder)
    {
        if (_patterns.Count == 0)
        {
            return false;
        }

        var parts = path.Split('/');
        foreach (var pattern in _patterns)
        {
            if ((isFolder || !pattern.IsFolder) && (pattern.IsTied ? MatchParts(pattern.Parts, parts) : MatchPart(pattern.Parts[0], parts[^1])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MatchParts(ReadOnlySpan<string> pattern, ReadOnlySpan<string> parts)
    {
        if (pattern.IsEmpty)
        {
            return parts.IsEmpty;
        }

        if (pattern[0] == "**")
        {
            for (var skipped = 0; skipped <= parts.Length; skipped++)
            {
                if (MatchParts(pattern[1..], parts[skipped..]))
                {
                    return true;
                }
            }

            return false;
        }

        return !parts.IsEmpty && MatchPart(pattern[0], parts[0]) && MatchParts(pattern[1..], parts[1..]);
    }

    // The last star is the only one that ever has to be tried again.
    private static bool MatchPart(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var (at, star, from) = (0, -1, 0);
        for (var index = 0; index < text.Length;)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, from) = (at++, index);
            }
            else if (at < pattern.Length && (pattern[at] == '?' || pattern[at] == text[index]))
            {
                at++;
                index++;
            }
            else if (star >= 0)
            {
                (at, index) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].Trim('*').IsEmpty;
    }

    private sealed record Pattern(string[] Parts, bool IsFolder, bool IsTied);
}
