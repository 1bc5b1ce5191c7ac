using System.Collections.Frozen;
using System.Reflection;

namespace Parley.Hub.Pages;

/// <summary>The files of the hub's page, which are embedded in the program, by name.</summary>
internal static class PageFiles
{
    /// <summary>The file that the page itself is.</summary>
    public const string Index = "index.html";

    private const string Prefix = "p2p/";

    private static readonly FrozenDictionary<string, PageFile> _files = Read();

    /// <summary>The names of all.</summary>
    public static IEnumerable<string> Names => _files.Keys;

    /// <summary>A file; null when there is none of this name.</summary>
    public static PageFile? Find(string name) => _files.GetValueOrDefault(name);

    private static FrozenDictionary<string, PageFile> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            static name => name[Prefix.Length..],
            name =>
            {
                using var resource = assembly.GetManifestResourceStream(name)!;
                var bytes = new byte[resource.Length];
                resource.ReadExactly(bytes);
                return new PageFile(TypeOf(name), bytes);
            },
            StringComparer.Ordinal);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}

/// <summary>A file of the page.</summary>
/// <param name="Type">Its media type.</param>
/// <param name="Bytes">Its content.</param>
internal sealed record PageFile(string Type, ReadOnlyMemory<byte> Bytes);
