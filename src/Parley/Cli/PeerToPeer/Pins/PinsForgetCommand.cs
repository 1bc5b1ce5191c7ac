using System.CommandLine;
using Parley.Client.Config;
using Parley.Client.Peering.Pins;
using Parley.Protocol.Errors;

namespace Parley.Cli.PeerToPeer.Pins;

/// <summary><c>parley pins forget</c>: by the file alone, since what is to be forgotten may be gone from the hub.</summary>
internal sealed class PinsForgetCommand : ParleyCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "An agent that this home met" };

    public PinsForgetCommand()
        : base("forget", "Forget an agent's key: the next meeting is the first one", new Example("parley pins forget agent-b", "agent-b has a new key, or another name"))
    {
        Add(_name);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(_name)!;
        var home = context.OpenHome();
        var profile = HubProfile.Load(home);
        var known = new KnownAgents(home, context.Time);
        var matching = known.List(profile.HubId).Where(agent => agent.Address.ToString() == name || agent.Address.Name == name).ToList();
        var meant = matching switch
        {
            [var only] => only,
            [] => throw new ParleyException(ErrorCode.AgentUnknown, $"This home has not met {name}: parley pins list tells whom it met."),
            _ => matching.Find(agent => agent.Address.Owner == profile.Agent.Owner) ?? throw new ParleyException(ErrorCode.AgentAmbiguous, $"Several agents are called '{name}'; write owner.{name}."),
        };
        await known.ForgetAsync(profile.HubId, meant.Address, cancellationToken);
        context.Terminal.Note($"{meant.Address} is forgotten: the next meeting is the first one");
        return 0;
    }
}
