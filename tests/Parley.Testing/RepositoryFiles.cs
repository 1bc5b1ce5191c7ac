using System.Runtime.CompilerServices;

namespace Parley.Testing;

/// <summary>The source tree, for tests about the tree itself.</summary>
public static class RepositoryFiles
{
    private static readonly string[] _skipped = ["artifacts", "node_modules", ".git", "bin", "obj"];

    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All files below a folder of the repository that fit the pattern, relative to the repository, in order.</summary>
    public static IReadOnlyList<string> List(string folder, string pattern)
    {
        var start = Path.Combine(Root, folder);
        return Directory.Exists(start)
            ? [.. Walk(start, pattern).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Reads one file.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(
            Directory.EnumerateDirectories(folder).Where(inner => !_skipped.Contains(Path.GetFileName(inner))).SelectMany(inner => Walk(inner, pattern)));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = Path.GetDirectoryName(here)!;
        while (!File.Exists(Path.Combine(folder, "Parley.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"No repository above {here}.");
        }

        return folder;
    }
}
