using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Exec;

/// <summary>Collects what a command left in its output folder: regular files only, no link followed, within the limits.</summary>
/// <remarks>Files of sub-folders come back too, their path flattened: <c>sub/a.txt</c> is <c>sub_a.txt</c>. Order: by path.</remarks>
internal static class OutputFolder
{
    // Against a command that nests folders for ever.
    private const int MaxDepth = 8;

    /// <summary>The files, each as one event; a last event tells when some were left out.</summary>
    /// <param name="folder">The folder. Nothing of the run writes to it any more.</param>
    /// <param name="limits">Number and size of files.</param>
    public static IEnumerable<ResponderEvent> Collect(string folder, AnswerLimits limits)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var leftOut = 0;
        long total = 0;
        foreach (var (path, name) in Files(new DirectoryInfo(folder), string.Empty, 0))
        {
            var content = names.Count < limits.MaxFiles ? FileReader.ReadRegular(path, limits.MaxFileBytes - total) : null;
            if (content is null)
            {
                leftOut++;
                continue;
            }

            total += content.Length;
            yield return new ResponderEvent.ArtifactProduced(Unique(SafeFileName.From(name), names), MediaType: null, new Body(content));
        }

        if (leftOut > 0)
        {
            yield return new ResponderEvent.LeftOut($"{leftOut} of the files in PARLEY_OUT: not regular files, or beyond the limits");
        }
    }

    private static IEnumerable<(string Path, string Name)> Files(DirectoryInfo folder, string prefix, int depth)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = [.. folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The command removed the folder or its own rights: nothing to bring back.
            yield break;
        }

        foreach (var entry in entries)
        {
            if (entry is not DirectoryInfo inner || entry.LinkTarget is not null)
            {
                yield return (entry.FullName, prefix + entry.Name);
            }
            else if (depth < MaxDepth)
            {
                foreach (var file in Files(inner, prefix + entry.Name + "_", depth + 1))
                {
                    yield return file;
                }
            }
        }
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var number = 2; !taken.Add(unique); number++)
        {
            unique = $"{number}-{name}";
        }

        return unique;
    }
}
