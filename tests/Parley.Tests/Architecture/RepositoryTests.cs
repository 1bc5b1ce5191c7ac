using System.Text.RegularExpressions;
using Parley.Testing;

namespace Parley.Tests.Architecture;

public sealed partial class RepositoryTests
{
    private const int MaxFileLines = 400;
    private const int MaxFolderFiles = 25;
    private const int MaxPageLines = 60;

    private static readonly string[] _roots = ["src", "tests", "bench"];

    [Fact]
    public void Files_are_at_most_400_lines() =>
        Assert.Empty(Sources().Where(path => LinesOf(path) > MaxFileLines));

    [Fact]
    public void Folders_hold_at_most_25_files() =>
        Assert.Empty(Sources().GroupBy(path => Path.GetDirectoryName(path)).Where(folder => folder.Count() > MaxFolderFiles).Select(folder => folder.Key));

    [Fact]
    public void Module_pages_are_at_most_60_lines() =>
        Assert.Empty(RepositoryFiles.List("src", "README.md").Where(path => LinesOf(path) > MaxPageLines));

    [Fact]
    public void Decision_records_are_short_and_say_when_to_revisit()
    {
        var records = RepositoryFiles.List("docs/adr", "*.md");

        Assert.All(records, path => Assert.True(LinesOf(path) <= MaxPageLines, path));
        Assert.All(records, path => Assert.Contains("Revisit when", RepositoryFiles.Read(path), StringComparison.Ordinal));
    }

    [Fact]
    public void A_files_public_type_bears_its_name()
    {
        var strays = RepositoryFiles.List("src", "*.cs").Where(path =>
        {
            var names = PublicType().Matches(RepositoryFiles.Read(path)).Select(match => match.Groups[1].Value).ToArray();
            return names.Length > 0 && !names.Contains(Path.GetFileName(path).Split('.')[0]);
        });

        Assert.Empty(strays);
    }

    [Fact]
    public void Names_in_the_pages_resolve()
    {
        var pages = new[] { "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md" }
            .Where(page => File.Exists(Path.Combine(RepositoryFiles.Root, page)))
            .Concat(RepositoryFiles.List("src", "README.md"));
        var types = ModuleGraph.Read().SelectMany(assembly => assembly.GetTypes()).Select(type => type.Name.Split('`')[0]).ToHashSet();
        types.UnionWith(Sources().Select(path => Path.GetFileName(path).Split('.')[0]));

        var missing = pages.SelectMany(page => Quoted().Matches(RepositoryFiles.Read(page)).Select(match => match.Groups[1].Value)
            .Where(name => !Resolves(name, Path.GetDirectoryName(page)!, types))
            .Select(name => $"{page}: {name}"));

        Assert.Empty(missing);
    }

    [Fact]
    public void No_file_names_a_path_of_one_machine()
    {
        var texts = _roots.SelectMany(root => RepositoryFiles.List(root, "*.*"))
            .Concat(RepositoryFiles.List("docs", "*.*")).Concat(RepositoryFiles.List("skill", "*.*")).Concat(RepositoryFiles.List("proto", "*.proto")).Concat(["parley", "test", "install.sh"])
            .Where(path => !path.EndsWith(nameof(RepositoryTests) + ".cs", StringComparison.Ordinal));

        Assert.Empty(texts.Where(path => MachinePath().IsMatch(RepositoryFiles.Read(path))));
    }

    // The STUN server's socket receives; it calls nobody.
    [Fact]
    public void The_hub_makes_HTTP_clients_in_one_place() =>
        Assert.Empty(RepositoryFiles.List("src/Parley.Hub", "*.cs")
            .Where(path => !path.Contains("/Outbound/", StringComparison.Ordinal) && !path.Contains("/Transports/Stun/", StringComparison.Ordinal) && HttpClient().IsMatch(RepositoryFiles.Read(path))));

    // The encoder of what commands print is a relaxed one: what a terminal would obey is escaped by the way out.
    [Fact]
    public void JSON_leaves_through_the_terminals_own_way_for_it() =>
        Assert.Empty(RepositoryFiles.List("src/Parley", "*.cs").Where(path => !path.EndsWith("/Terminal.cs", StringComparison.Ordinal) && WrittenJson().IsMatch(RepositoryFiles.Read(path))));

    // CamelCase words are types; words with a slash and an ending are files of the repository, or of the page's own folder.
    private static bool Resolves(string name, string folder, HashSet<string> types)
    {
        if (TypeName().IsMatch(name))
        {
            return types.Contains(name);
        }

        return !FileName().IsMatch(name) ||
            new[] { string.Empty, folder, "src", "src/Parley.Hub", "src/Parley.Client" }.Any(start => Path.Exists(Path.Combine(RepositoryFiles.Root, start, name)));
    }

    private static IEnumerable<string> Sources() => _roots.SelectMany(root => RepositoryFiles.List(root, "*.cs"));

    private static int LinesOf(string path) => RepositoryFiles.Read(path).TrimEnd('\n').Split('\n').Length;

    [GeneratedRegex(@"^public (?:(?:static|sealed|abstract|readonly|partial|ref|unsafe) )*(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"new (?:HttpClient|HttpMessageInvoker|SocketsHttpHandler|HttpClientHandler|ClientWebSocket|Socket|TcpClient)\b")]
    private static partial Regex HttpClient();

    [GeneratedRegex(@"[Tt]erminal\.Write(?:Line)?\([^;]*JsonSerializer\.")]
    private static partial Regex WrittenJson();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("^[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+$")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"^[\w.-]+(?:/[\w.-]+)+\.(?:cs|md|txt|proto|sh|props)$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"/(?:work|home|root|Users)/\w", RegexOptions.CultureInvariant)]
    private static partial Regex MachinePath();
}
