namespace Parley.Client.Responders.Exec;

/// <summary>How <see cref="ExecResponder"/> runs its command.</summary>
/// <param name="Command">The command.</param>
public sealed record ExecOptions(CommandLine Command)
{
    /// <summary>What the child's standard output means.</summary>
    public ExecProtocol Protocol { get; init; } = ExecProtocol.Text;

    /// <summary>What is kept of the answer.</summary>
    public AnswerLimits Limits { get; init; } = new();

    /// <summary>Names of further variables of our own environment that the child gets (<c>--env NAME</c>).</summary>
    public IReadOnlyList<string> PassedVariables { get; init; } = [];

    /// <summary>The listening agent's home folder, as <c>PARLEY_HOME</c>, so that the command can call parley itself.</summary>
    public string? Home { get; init; }

    /// <summary>Where the folders of runs are made; default: the system's temporary folder.</summary>
    public string? WorkFolder { get; init; }

    /// <summary>Hears the child's standard error under <see cref="ExecProtocol.Events"/>, where it is the responder's log and not part of the answer; null: thrown away.</summary>
    public Action<ReadOnlyMemory<byte>>? Diagnostics { get; init; }
}

/// <summary>What the child's standard output means.</summary>
public enum ExecProtocol
{
    /// <summary>Message on standard input, answer on standard output.</summary>
    Text,

    /// <summary>One JSON request on standard input, JSON lines on standard output: docs/protocol/responder-events.md.</summary>
    Events,
}
