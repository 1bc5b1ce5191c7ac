namespace Parley.Benchmarks.Peers;

/// <summary>Writes files that hold a password or key: readable by their owner alone from the first byte on.</summary>
internal static class SecretFile
{
    /// <summary>Creates the file, which must not exist.</summary>
    public static void Write(string path, string content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(content);
    }
}
