using System.CommandLine;

namespace Parley.Cli;

/// <summary>Options that many commands share.</summary>
internal static class CommonOptions
{
    /// <summary><c>--home</c>, on every command.</summary>
    public static Option<string?> Home { get; } = new("--home")
    {
        Description = "The home folder: keys, profile, journal [default: $PARLEY_HOME or ~/.parley]",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <summary><c>--json</c>, on every command that prints data.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print JSON: one document, or one per line for streams" };
}
