namespace Parley.Cli.Admin;

/// <summary><c>parley admin</c>: what whoever runs the hub does.</summary>
internal sealed class AdminCommand : ParleyCommand
{
    public AdminCommand()
        : base(
            "admin",
            "Run a hub's tokens, keys and agents",
            new Example("parley admin tokens create", "a join string for one agent, from the hub of this home"),
            new Example("parley admin agents list --data /var/lib/parley", "the agents of a hub on this machine"),
            new Example("parley admin --hub https://hub.example.org:7420 --key-file admin.key audit", "of a hub elsewhere"))
    {
        Add(AdminClient.Data);
        Add(AdminClient.Hub);
        Add(AdminClient.KeyFile);
        Add(AdminClient.Pin);
        Add(new TokensCommand());
        Add(new KeysCommand());
        Add(new AdminAgentsCommand());
        Add(new AuditCommand());
        Add(new DrainCommand());
    }
}
