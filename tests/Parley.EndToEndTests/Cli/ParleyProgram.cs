using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

/// <summary>The built program, run as a user runs it.</summary>
internal static class ParleyProgram
{
    private static readonly string _path = Path.Combine(RepositoryFiles.Root, "artifacts", "bin", "Parley", "debug", "parley");

    /// <summary>Starts a command line in a home.</summary>
    public static RealProcess Start(string home, params string[] arguments) => RealProcess.Start(_path, arguments, EnvironmentOf(home));

    /// <summary>Runs a command line in a home to its end.</summary>
    public static Task<ProcessOutcome> RunAsync(string home, params string[] arguments) => RunWithInputAsync(home, string.Empty, arguments);

    /// <summary>The same with something on standard input.</summary>
    public static Task<ProcessOutcome> RunWithInputAsync(string home, string input, params string[] arguments) =>
        RealProcess.RunAsync(_path, arguments, input, EnvironmentOf(home));

    private static Dictionary<string, string?> EnvironmentOf(string home) => new()
    {
        ["PARLEY_HOME"] = home,
        ["PARLEY_LOG"] = null,
        ["HTTP_PORT"] = null,
        ["DB_PATH"] = null,
        ["PUBLIC_HOST"] = null,
    };
}
