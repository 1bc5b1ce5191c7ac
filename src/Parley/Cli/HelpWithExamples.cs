using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Parley.Cli;

/// <summary>The library's help, and below it the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Example[] _rootExamples =
    [
        new("parley COMMAND --help", "what a command takes, with examples"),
        new("PARLEY_LOG=debug parley doctor", "any command says on standard error what it does: trace, debug, information, warning or error"),
    ];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var result = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var examples = parseResult.CommandResult.Command is ParleyCommand command ? command.Examples : _rootExamples;
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  # {example.Does}");
                output.WriteLine($"  {example.Line}");
            }

            output.WriteLine();
        }

        return result;
    }
}
