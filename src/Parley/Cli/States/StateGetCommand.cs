using System.CommandLine;
using System.Globalization;

namespace Parley.Cli.States;

/// <summary><c>state get</c>.</summary>
internal sealed class StateGetCommand : ParleyCommand
{
    private readonly Argument<string?> _agent = StateParameters.Agent();
    private readonly Option<string?> _connection = StateParameters.Connection();

    public StateGetCommand()
        : base("get", "Print a state as JSON; with --json its version, too", new Example("parley state get", "this agent's own"), new Example("parley state get agent-a --json", "what agent-a shares, with its version"))
    {
        Add(_agent);
        Add(_connection);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var door = await StateDoor.OpenAsync(context, parsed, cancellationToken);
        var view = await door.GetAsync(new(parsed.GetValue(_agent), Connection: parsed.GetValue(_connection)), cancellationToken);
        StateDoor.Print(context, view);
        context.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"version {view.Version}"));
        return 0;
    }
}

/// <summary><c>state watch</c>.</summary>
internal sealed class StateWatchCommand : ParleyCommand
{
    private const int WaitSeconds = 20;

    private readonly Argument<string?> _agent = StateParameters.Agent();
    private readonly Option<string?> _connection = StateParameters.Connection();
    private readonly Option<int?> _count = new("--count") { HelpName = "N", Description = "Stop after so many" };

    public StateWatchCommand()
        : base("watch", "Print a state, and again whenever it has changed", new Example("parley state watch agent-a", "each line is the whole of what is shared"))
    {
        Add(_agent);
        Add(_connection);
        Add(_count);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var door = await StateDoor.OpenAsync(context, parsed, cancellationToken);
        var (known, shown) = (-1L, (string?)null);
        for (var left = parsed.GetValue(_count) ?? int.MaxValue; left > 0;)
        {
            var view = await door.GetAsync(new(parsed.GetValue(_agent), After: known, Wait: WaitSeconds, Connection: parsed.GetValue(_connection)), cancellationToken);
            known = view.Version;

            // A replica has a new version also when something changed that is not shared.
            var text = view.Data?.GetRawText();
            if (text != shown)
            {
                StateDoor.Print(context, view);
                shown = text;
                left--;
            }
        }

        return 0;
    }
}

/// <summary>What the commands on one state have in common.</summary>
internal static class StateParameters
{
    /// <summary>Whose state.</summary>
    public static Argument<string?> Agent() => new("NAME") { Description = "Whose [default: this home's agent]", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Through which connection.</summary>
    public static Option<string?> Connection() => new("--connection") { HelpName = "ID", Description = "As this connection shows it [default: the oldest one that does]" };
}
