using System.Text.RegularExpressions;
using Parley.Testing;

namespace Parley.Tests.Architecture;

public sealed partial class ModuleGraphTests
{
    private const string GraphFile = "docs/modules.txt";

    /// <summary>Modules that may never learn how to write, and the modules that write.</summary>
    private static readonly string[] _neverStore = ["Parley.Hub.Rooms", "Parley.Hub.Signalling"];
    private static readonly string[] _stores = ["Parley.Hub.Storage", "Parley.Sqlite", "Parley.Protocol.Files"];
    private static readonly string[] _writers =
        ["Dapper", "Microsoft.Data.Sqlite", "System.IO.File", "System.IO.StreamWriter", "System.IO.Directory", "System.IO.RandomAccess", "Microsoft.Extensions.Logging.ILogger"];

    private static readonly Dictionary<string, string[]> _projectRules = new()
    {
        ["Parley.Protocol"] = [],
        ["Parley.Crypto"] = [],
        ["Parley.Sqlite"] = [],
        ["Parley.Gateway"] = ["Parley.Protocol"],
        ["Parley.WebRtc"] = ["Parley.Protocol", "Parley.Crypto"],
        ["Parley.Ssh"] = ["Parley.Crypto"],
        ["Parley.Hub"] = ["Parley.Protocol", "Parley.Gateway", "Parley.Crypto", "Parley.Ssh", "Parley.Sqlite"],
        ["Parley.Client"] = ["Parley.Protocol", "Parley.Gateway", "Parley.Crypto", "Parley.WebRtc", "Parley.Ssh", "Parley.Sqlite"],
        ["Parley"] = ["Parley.Hub", "Parley.Client"],
    };

    [Fact]
    public void The_graph_is_the_checked_in_one_in_both_directions()
    {
        var built = ModuleGraph.Built;
        var written = ReadGraph();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            var lines = built.Select(arrow => $"{arrow} : {written.GetValueOrDefault(arrow, string.Empty)}".TrimEnd(' '));
            File.WriteAllText(Path.Combine(RepositoryFiles.Root, GraphFile), Header() + string.Join('\n', lines) + "\n");
            return;
        }

        Assert.Empty(built.Except(written.Keys).Select(arrow => $"new arrow, write it with a reason: {arrow}"));
        Assert.Empty(written.Keys.Except(built).Select(arrow => $"arrow that is gone, remove it: {arrow}"));
    }

    [Fact]
    public void Each_arrow_has_a_reason() =>
        Assert.Empty(ReadGraph().Where(arrow => arrow.Value.Length < 8).Select(arrow => arrow.Key));

    [Fact]
    public void The_graph_has_no_cycles()
    {
        var left = ModuleGraph.Built.Select(arrow => arrow.Split(" -> ")).ToList();

        // What no arrow leads to, or none leaves, is on no circle; what cannot be taken away is.
        int taken;
        do
        {
            var sources = left.Select(arrow => arrow[0]).ToHashSet();
            var targets = left.Select(arrow => arrow[1]).ToHashSet();
            taken = left.RemoveAll(arrow => !sources.Contains(arrow[1]) || !targets.Contains(arrow[0]));
        }
        while (taken > 0);

        Assert.Empty(left.Select(arrow => $"{arrow[0]} -> {arrow[1]}"));
    }

    [Fact]
    public void Modules_that_must_not_store_cannot()
    {
        var arrows = ModuleGraph.Built;

        var forbidden = _neverStore.SelectMany(from => _stores.Select(to => $"{from} -> {to}"));

        Assert.Empty(arrows.Intersect(forbidden));
    }

    [Fact]
    public void Modules_that_must_not_store_name_no_file_no_database_and_no_log()
    {
        var assemblies = ModuleGraph.Read();

        var mentioned = _neverStore.SelectMany(module => ModuleGraph.MentionedBy(assemblies, module).Select(type => $"{module}: {type}")).ToList();

        Assert.NotEmpty(mentioned);
        Assert.Empty(mentioned.Where(line => Array.Exists(_writers, writer => line.Contains(": " + writer, StringComparison.Ordinal))));
    }

    [Fact]
    public void No_module_uses_transports()
    {
        var arrows = ModuleGraph.Built.Select(arrow => arrow.Split(" -> "));

        var inward = arrows.Where(arrow =>
            arrow[1].StartsWith("Parley.Hub.Transports", StringComparison.Ordinal) &&
            arrow[0].StartsWith("Parley.Hub.", StringComparison.Ordinal) &&
            !arrow[0].StartsWith("Parley.Hub.Transports", StringComparison.Ordinal));

        Assert.Empty(inward.Select(arrow => string.Join(" -> ", arrow)));
    }

    [Fact]
    public void Projects_reference_only_what_the_table_allows()
    {
        var broken = RepositoryFiles.List("src", "*.csproj").SelectMany(path =>
        {
            var project = Path.GetFileNameWithoutExtension(path);
            var referenced = ProjectReference().Matches(RepositoryFiles.Read(path)).Select(match => match.Groups[1].Value);
            return referenced.Except(_projectRules.GetValueOrDefault(project, [])).Select(other => $"{project} -> {other}");
        });

        Assert.Empty(broken);
    }

    [Fact]
    public void A_types_namespace_is_its_files_folder()
    {
        var strays = RepositoryFiles.List("src", "*.cs").Where(path =>
            NamespaceLine().Match(RepositoryFiles.Read(path)) is { Success: true } line &&
            line.Groups[1].Value != Path.GetDirectoryName(path)!["src/".Length..].Replace('/', '.'));

        Assert.Empty(strays);
    }

    private static Dictionary<string, string> ReadGraph() =>
        File.ReadAllLines(Path.Combine(RepositoryFiles.Root, GraphFile))
            .Where(line => line.Contains(" -> ", StringComparison.Ordinal) && !line.StartsWith('#'))
            .Select(line => line.Split(" : ", 2))
            .ToDictionary(parts => parts[0].TrimEnd(' ', ':'), parts => parts.Length > 1 ? parts[1].Trim() : string.Empty);

    private static string Header() =>
        string.Concat(File.ReadLines(Path.Combine(RepositoryFiles.Root, GraphFile)).TakeWhile(line => line.StartsWith('#') || line.Length == 0).Select(line => line + "\n"));

    [GeneratedRegex("""<ProjectReference Include="[^"]*?([A-Za-z.]+)\.csproj" """, RegexOptions.CultureInvariant)]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
