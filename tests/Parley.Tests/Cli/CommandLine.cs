using Parley.Cli;
using Parley.Output;
using Parley.Testing;

namespace Parley.Tests.Cli;

/// <summary>Runs one command line inside the test's process, with its own home and no terminal.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly TempFolder _home = new();

    public string Home => _home.FullPath;

    public async Task<ProcessOutcome> RunAsync(params string[] arguments)
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(Stream.Null, console.Output, console.Error, TerminalTraits.None);
        var exit = await new Shell(terminal, name => name == "PARLEY_HOME" ? Home : null).RunAsync(arguments, CancellationToken.None);
        return new ProcessOutcome(exit, console.OutputText, console.ErrorText);
    }

    public void Dispose() => _home.Dispose();
}
