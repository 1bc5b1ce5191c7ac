using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

/// <summary>The built program, run as a user runs it.</summary>
internal static class ParleyProgram
{
    // Tests that were built for release run what users get: the published program, which starts several times as fast.
    private static readonly string _path = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).EndsWith("release", StringComparison.Ordinal)
        ? Path.Combine(RepositoryFiles.Root, "artifacts", "parley", "parley")
        : Path.Combine(RepositoryFiles.Root, "artifacts", "bin", "Parley", "debug", "parley");

    /// <summary>The program's file.</summary>
    public static string FullPath => _path;

    /// <summary>Starts a command line in a home.</summary>
    public static RealProcess Start(string home, params string[] arguments) => RealProcess.Start(_path, arguments, EnvironmentOf(home));

    /// <summary>The same with further variables.</summary>
    public static RealProcess StartWith(string home, IReadOnlyDictionary<string, string?> variables, params string[] arguments) =>
        RealProcess.Start(_path, arguments, EnvironmentOf(home, variables));

    /// <summary>Runs a command line with further variables and something on standard input.</summary>
    public static Task<ProcessOutcome> RunWithAsync(string home, IReadOnlyDictionary<string, string?> variables, string input, params string[] arguments) =>
        RealProcess.RunAsync(_path, arguments, input, EnvironmentOf(home, variables));

    /// <summary>Starts a command line whose standard input stays open.</summary>
    public static RealProcess StartWithInput(string home, params string[] arguments) => RealProcess.Start(_path, arguments, EnvironmentOf(home), keepInput: true);

    /// <summary>The same with further variables.</summary>
    public static RealProcess StartWithInput(string home, IReadOnlyDictionary<string, string?> variables, params string[] arguments) =>
        RealProcess.Start(_path, arguments, EnvironmentOf(home, variables), keepInput: true);

    /// <summary>Runs a command line in a home to its end.</summary>
    public static Task<ProcessOutcome> RunAsync(string home, params string[] arguments) => RunWithInputAsync(home, string.Empty, arguments);

    /// <summary>The same with something on standard input.</summary>
    public static Task<ProcessOutcome> RunWithInputAsync(string home, string input, params string[] arguments) =>
        RealProcess.RunAsync(_path, arguments, input, EnvironmentOf(home));

    private static Dictionary<string, string?> EnvironmentOf(string home, IReadOnlyDictionary<string, string?>? variables = null)
    {
        var environment = new Dictionary<string, string?>
        {
            ["PARLEY_HOME"] = home,
            ["PARLEY_LOG"] = null,
            ["HTTP_PORT"] = null,
            ["DB_PATH"] = null,
            ["PUBLIC_HOST"] = null,
            ["NODE_ENV"] = null,
            ["ADMIN_TOKEN"] = null,
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string?>())
        {
            environment[name] = value;
        }

        return environment;
    }
}
