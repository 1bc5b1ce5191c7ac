using System.Runtime.CompilerServices;

namespace Parley.Testing;

/// <summary>Compares text with a checked-in file <c>Golden/NAME.txt</c> beside the test project; <c>UPDATE_GOLDEN=1</c> rewrites the file instead.</summary>
public static class Golden
{
    /// <summary>Throws when the text differs from the file.</summary>
    /// <param name="name">File name without ending.</param>
    /// <param name="actual">The text; line ends are made equal.</param>
    /// <param name="caller">The calling test's file; the compiler fills it in.</param>
    public static void Verify(string name, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(ProjectOf(caller), "Golden", name + ".txt");
        var text = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return;
        }

        var expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "(no such file)";
        if (expected != text)
        {
            throw new InvalidOperationException($"{path} differs (UPDATE_GOLDEN=1 rewrites it).\n--- expected\n{expected}\n--- actual\n{text}");
        }
    }

    private static string ProjectOf(string caller)
    {
        var folder = Path.GetDirectoryName(caller)!;
        while (Directory.GetFiles(folder, "*.csproj").Length == 0)
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"No project above {caller}.");
        }

        return folder;
    }
}
