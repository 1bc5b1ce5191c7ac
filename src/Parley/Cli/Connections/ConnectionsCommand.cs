using Parley.Cli.Admin;

namespace Parley.Cli.Connections;

/// <summary><c>parley connections</c>: whose events go where.</summary>
internal sealed class ConnectionsCommand : ParleyCommand
{
    public ConnectionsCommand()
        : base(
            "connections",
            "Connect agents: the events of one go to another, or to a webhook",
            new Example("parley connections create --source agent-a --target agent-b --events workflow.complete", "agent-b hears when agent-a has finished"),
            new Example("parley connections test conn_abc --type workflow.complete --data '{\"workflow_id\":\"step-1\"}'", "would this event go there, and why not"),
            new Example("parley connections replay conn_abc --since 2026-01-31T12:00:00Z", "send what was given up since then again"))
    {
        AdminClient.AddTo(this);
        Add(new CreateCommand());
        Add(new UpdateCommand());
        Add(new ListCommand());
        Add(new ShowCommand());
        Add(new ConnectionStateCommand("pause", "Keep a connection's events until it is resumed", "it keeps what comes"));
        Add(new ConnectionStateCommand("resume", "Let a connection's events go out again", "what waited goes out"));
        Add(new RotateCommand());
        Add(new TestCommand());
        Add(new DeleteCommand());
        Add(new DeliveriesCommand());
        Add(new ReplayCommand());
    }
}
