using System.CommandLine;
using System.CommandLine.Help;
using Parley.Cli.A2a;
using Parley.Cli.Admin;
using Parley.Cli.Cards;
using Parley.Cli.Connections;
using Parley.Cli.Events;
using Parley.Cli.Budgets;
using Parley.Cli.Home;
using Parley.Cli.Bench;
using Parley.Cli.Hosting;
using Parley.Cli.Peers;
using Parley.Cli.PeerToPeer;
using Parley.Cli.PeerToPeer.Pins;
using Parley.Cli.Mcp;
using Parley.Cli.Rooms;
using Parley.Cli.Schedules;
using Parley.Cli.Service;
using Parley.Cli.Skill;
using Parley.Cli.States;
using Parley.Cli.Supervise;
using Parley.Cli.Up;
using Parley.Output;

namespace Parley.Cli;

/// <summary>All commands of the program by name; one start builds only the one that its first argument names.</summary>
internal static class CommandTree
{
    private const string Purpose = "Lets agents talk: one hub, many agents, and whatever must stay between two of them.";

    private static readonly (string Name, Func<ParleyCommand> Make)[] _commands =
    [
        ("up", () => new UpCommand()),
        ("hub", () => new HubCommand()),
        ("join", () => new JoinCommand()),
        ("a2a", () => new A2aCommand()),
        ("card", () => new CardCommand()),
        ("contacts", () => new ContactsCommand()),
        ("connections", () => new ConnectionsCommand()),
        ("events", () => new EventsCommand()),
        ("state", () => new StateCommand()),
        ("schedules", () => new SchedulesCommand()),
        ("budgets", () => new BudgetsCommand()),
        ("secrets", () => new SecretsCommand()),
        ("mcp", () => new McpCommand()),
        ("room", () => new RoomCommand()),
        ("supervise", () => new SuperviseCommand()),
        ("peer", () => new PeerCommand()),
        ("p2p", () => new P2pCommand()),
        ("verify", () => new VerifyCommand()),
        ("pins", () => new PinsCommand()),
        ("agents", () => new AgentsCommand()),
        ("status", () => new StatusCommand()),
        ("doctor", () => new DoctorCommand()),
        ("whoami", () => new WhoamiCommand()),
        ("admin", () => new AdminCommand()),
        ("service", () => new ServiceCommand()),
        ("bench", () => new BenchCommand()),
        ("skill", () => new SkillCommand()),
        ("completion", () => new CompletionCommand()),
    ];

    /// <summary>Builds the tree, or the branch that is enough for these arguments.</summary>
    public static RootCommand Build(string[] arguments, Terminal terminal, Func<string, string?> environment)
    {
        var root = new RootCommand(Purpose) { CommonOptions.Home };
        root.Directives.Clear();
        var named = arguments.Length == 0 ? [] : _commands.Where(command => command.Name == arguments[0]).ToArray();
        foreach (var (_, make) in named.Length == 0 ? _commands : named)
        {
            var command = make();
            command.Bind(terminal, environment);
            root.Add(command);
        }

        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    /// <summary>Builds the whole tree, for help and completion scripts.</summary>
    public static RootCommand BuildAll(Terminal terminal, Func<string, string?> environment) => Build([], terminal, environment);

    /// <summary>The words that lead to a command, <c>parley a2a send</c>.</summary>
    public static string PathOf(Command command)
    {
        var parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? "parley" : $"{PathOf(parent)} {command.Name}";
    }
}
