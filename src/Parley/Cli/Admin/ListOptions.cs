using System.CommandLine;

namespace Parley.Cli.Admin;

/// <summary><c>--limit</c> and <c>--offset</c> of every list.</summary>
internal static class ListOptions
{
    private static readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = "Most entries, 1 to 1000 [default: 100]" };
    private static readonly Option<int?> _offset = new("--offset") { HelpName = "N", Description = "Entries to skip" };

    /// <summary>Adds both to a command.</summary>
    public static void AddTo(Command command)
    {
        command.Add(_limit);
        command.Add(_offset);
    }

    /// <summary>What was asked for.</summary>
    public static (int? Limit, int? Offset) Read(ParseResult parsed) => (parsed.GetValue(_limit), parsed.GetValue(_offset));

    /// <summary>The path with its query.</summary>
    public static string Path(string path, ParseResult parsed, string? more = null)
    {
        string?[] parts =
        [
            parsed.GetValue(_limit) is { } limit ? $"limit={limit}" : null,
            parsed.GetValue(_offset) is { } offset ? $"offset={offset}" : null,
            more,
        ];
        var query = string.Join('&', parts.OfType<string>());
        return query.Length == 0 ? path : $"{path}?{query}";
    }
}
