namespace Parley.Cli;

/// <summary>What this build calls itself.</summary>
internal static class Versions
{
    /// <summary>The version, <c>0.1.0</c>.</summary>
    public static string Number { get; } = typeof(Versions).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Name and version, for status pages.</summary>
    public static string Software { get; } = "parley/" + Number;
}
