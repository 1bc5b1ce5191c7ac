namespace Parley.Cli.Skill;

/// <summary>The skill's files, which travel inside the program.</summary>
internal static class SkillFiles
{
    /// <summary>Where they go in a project.</summary>
    public const string Folder = ".agents/skills/parley";

    private const string Prefix = "skill/";

    /// <summary>The paths of all files, relative to the skill, in order.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. typeof(SkillFiles).Assembly.GetManifestResourceNames()
            .Select(name => name.Replace('\\', '/'))
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads one.</summary>
    public static byte[] Read(string path)
    {
        using var stream = typeof(SkillFiles).Assembly.GetManifestResourceStream(Prefix + path) ?? throw new InvalidOperationException($"The program holds no skill file {path}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Whether a file is a program; the common part of the scripts is not.</summary>
    public static bool IsProgram(string path) => path.EndsWith(".sh", StringComparison.Ordinal) && !path.EndsWith("-common.sh", StringComparison.Ordinal);
}
