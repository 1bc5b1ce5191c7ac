using Parley.Cli.Admin;

namespace Parley.Cli.States;

/// <summary><c>parley state</c>: what agents share with each other.</summary>
internal sealed class StateCommand : ParleyCommand
{
    public StateCommand()
        : base(
            "state",
            "Share a JSON object: each agent writes its own, connections with fields show parts of it to others",
            new Example("parley state patch '{\"contacts\":{\"jo\":\"+49\"}}'", "change this agent's state"),
            new Example("parley state get agent-a", "what agent-a shares with this one"),
            new Example("parley state watch agent-a --json", "a line for each change"))
    {
        AdminClient.AddTo(this);
        Add(new StateGetCommand());
        Add(new StateWriteCommand("set", "Replace a state by this one", "the whole state from now on"));
        Add(new StateWriteCommand("patch", "Change a state by a JSON merge patch (RFC 7396): null removes a member, what is not named stays", "this member alone"));
        Add(new StateWatchCommand());
        Add(new StateListCommand());
    }
}
