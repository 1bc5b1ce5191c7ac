using System.CommandLine;
using Parley.Cli.A2a.Remote;
using Parley.Gateway.Client;
using Parley.Protocol.Errors;

namespace Parley.Cli.A2a.Tasks;

/// <summary>A command about tasks of one agent: finds the agent and leaves the rest to its kind.</summary>
internal abstract class TaskCommand : ParleyCommand
{
    private readonly Argument<string> _target = new("TARGET") { Description = "The agent, as a2a:URL" };
    private readonly RemoteOptions _remote = new();

    /// <summary>Describes the command.</summary>
    protected TaskCommand(string name, string description, params Example[] examples)
        : base(name, description, examples)
    {
        Add(_target);
        OnRun(RunAsync);
    }

    /// <summary>Adds the options that all of them have; after the arguments of its kind.</summary>
    protected void AddCommon()
    {
        foreach (var option in _remote.All)
        {
            Add(option);
        }

        Add(CommonOptions.Json);
    }

    /// <summary>What its kind does with the agent.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(CommandContext context, ParseResult parsed, RemoteAgent agent, CancellationToken cancellationToken);

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = parsed.GetValue(_target)!;
        if (!RemoteTarget.Is(target))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Name the agent by its address: a2a:https://HOST/PATH.");
        }

        var address = RemoteTarget.Parse(target);
        var options = new A2aClientOptions { Credentials = _remote.Credentials(context, parsed, address), Time = context.Time };
        using var agent = await RemoteAgent.OpenAsync(address, options, _remote.Preferences(parsed), cancellationToken);
        return await RunAsync(context, parsed, agent, cancellationToken);
    }
}
