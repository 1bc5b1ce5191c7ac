namespace Parley.Cli.PeerToPeer.Pins;

/// <summary><c>parley pins</c>: the keys of the agents that this home met.</summary>
internal sealed class PinsCommand : ParleyCommand
{
    public PinsCommand()
        : base(
            "pins",
            "List and forget the keys of the agents that this home met; another key under a known name is refused",
            new Example("parley pins list", "whom this home met, since when, and whether the phrase was compared"),
            new Example("parley pins forget agent-b", "agent-b has a new key: its owner was asked"))
    {
        Add(new PinsListCommand());
        Add(new PinsForgetCommand());
    }
}
