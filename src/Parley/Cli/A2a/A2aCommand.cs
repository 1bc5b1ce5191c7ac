using Parley.Cli.A2a.Tasks;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a</c>: messages between agents, through the hub.</summary>
internal sealed class A2aCommand : ParleyCommand
{
    public A2aCommand()
        : base(
            "a2a",
            "Send and answer messages between agents",
            new Example("parley a2a send agent-b \"uname -a; df -h\"", "run it on agent-b, see its output here"),
            new Example("parley a2a listen --exec /bin/sh", "be agent-b"))
    {
        Add(new SendCommand());
        Add(new ListenCommand());
        Add(new InboxCommand());
        Add(new ReceiptsCommand());
        Add(new ResultCommand());
        Add(new ReplyCommand());
        Add(new ChatCommand());
        Add(new LogCommand());
        Add(new TasksCommand());
    }
}
