using Parley.Cli;
using Parley.Output;

namespace Parley;

/// <summary>Where the program starts: the real terminal, environment and signals go in, the exit code comes out.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var terminal = Terminal.OpenConsole(Environment.GetEnvironmentVariable);
        using var stop = new StopSignals(terminal.Interrupts);
        return await new Shell(terminal, Environment.GetEnvironmentVariable).RunAsync(arguments, stop.Token);
    }
}
