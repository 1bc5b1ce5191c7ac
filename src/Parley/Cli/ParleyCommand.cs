using System.CommandLine;
using Parley.Output;

namespace Parley.Cli;

/// <summary>A command of the program: a name, what it does, examples, and how it runs.</summary>
/// <remarks>A command is made for each start of the program that may need it: constructors only describe; files, network and big libraries wait for the run.</remarks>
internal abstract class ParleyCommand : Command
{
    private Func<ParseResult, Terminal, Func<string, string?>, CancellationToken, Task<int>>? _run;

    /// <summary>Describes the command.</summary>
    protected ParleyCommand(string name, string description, params Example[] examples)
        : base(name, description) => Examples = examples;

    /// <summary>Command lines to paste, for the help.</summary>
    public IReadOnlyList<Example> Examples { get; }

    /// <summary>Gives the command the world that it runs in; done once, when the tree is built.</summary>
    public void Bind(Terminal terminal, Func<string, string?> environment)
    {
        if (_run is { } run)
        {
            SetAction((parsed, cancellationToken) => run(parsed, terminal, environment, cancellationToken));
        }

        foreach (var inner in Subcommands.OfType<ParleyCommand>())
        {
            inner.Bind(terminal, environment);
        }
    }

    /// <summary>Says how the command runs; its result is the exit code.</summary>
    protected void OnRun(Func<CommandContext, ParseResult, CancellationToken, Task<int>> run) =>
        _run = async (parsed, terminal, environment, cancellationToken) =>
        {
            using var context = new CommandContext(parsed, terminal, environment);
            return await run(context, parsed, cancellationToken);
        };

    /// <summary>Says how the command runs, for one that needs no waiting.</summary>
    protected void OnRun(Func<CommandContext, ParseResult, int> run) =>
        OnRun((context, parsed, _) => Task.FromResult(run(context, parsed)));
}
