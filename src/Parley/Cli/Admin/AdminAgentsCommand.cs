using System.CommandLine;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.Admin;

/// <summary><c>parley admin agents</c>: the life cycle of agents.</summary>
internal sealed class AdminAgentsCommand : ParleyCommand
{
    public AdminAgentsCommand()
        : base("agents", "List, rename and remove agents, and replace lost homes", new Example("parley admin agents list", "every agent of the hub"))
    {
        Add(new List());
        Add(new Label());
        Add(new Rename());
        Add(new Remove());
        Add(new ResetKey());
    }

    private static Argument<string> Agent() => new("AGENT") { Description = "owner.name, or the name alone where it is unique" };

    private static string PathOf(string agent) => $"/api/agents/{Uri.EscapeDataString(agent)}";

    private sealed class List : AdminAction
    {
        private readonly Option<string?> _selector = new("--selector", "-l") { HelpName = "SELECTOR", Description = "k=v, k!=v, comma = and" };

        public List()
            : base("list", "List agents", new Example("parley admin agents list -l role=build", "those with a label"))
        {
            Add(_selector);
            ListOptions.AddTo(this);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var selector = parsed.GetValue(_selector) is { } text ? $"selector={Uri.EscapeDataString(text)}" : null;
            var page = await call.Client.GetAsync(ListOptions.Path("/api/agents", parsed, selector), Json.PageAgentView, cancellationToken);
            call.PrintList(
                page,
                Json.PageAgentView,
                ["AGENT", "SEEN BY", "ONLINE", "OVER", "LABELS", "KEY"],
                agent => [agent.Address, agent.Visibility ?? string.Empty, agent.Online ? $"since {Time(agent.OnlineSince)}" : "no", agent.Transport ?? string.Empty, Text(agent.Labels), agent.Fingerprint ?? "reset"]);
        }
    }

    private sealed class Label : AdminAction
    {
        private readonly Argument<string> _agent = Agent();
        private readonly Option<string?> _labels = new("--labels") { HelpName = "k=v,...", Description = "All its labels from now on" };
        private readonly Option<string?> _visibility = new("--visibility") { HelpName = "V", Description = "Who may know of it and read its card: private, owner, hub or public" };

        private readonly Option<string?> _retention = new("--task-retention") { HelpName = "D", Description = "How long its tasks are kept after their last change, 1m to 3650d, or default: as the hub's limit task-retention says" };

        public Label()
            : base(
                "label",
                "Set an agent's labels, who may know of it, and how long its tasks are kept",
                new Example("parley admin agents label ann.agent-b --task-retention 1h", "its tasks are erased an hour after their last change"),
                new Example("parley admin agents label ann.agent-b --visibility hub", "every agent and key of the hub finds it"),
                new Example("parley admin agents label ann.agent-b --labels role=build,os=linux", "in place of the labels that it had"))
        {
            Add(_agent);
            Add(_labels);
            Add(_visibility);
            Add(_retention);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var agent = parsed.GetValue(_agent)!;
            var (labels, visibility, retention) = (parsed.GetValue(_labels), parsed.GetValue(_visibility), parsed.GetValue(_retention));
            if (labels is null && visibility is null && retention is null)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "Give --labels, --visibility or --task-retention.");
            }

            var arguments = new AgentArguments(agent, Labels: labels is null ? null : Labels.Parse(labels).ToDictionary(), Visibility: visibility, TaskRetention: retention);
            var answer = await call.Client.PatchAsync(PathOf(agent), arguments, Json.AgentArguments, Json.ItemAgentView, cancellationToken);
            call.Print(answer.Data, Json.AgentView, view => $"{view.Address} is seen by: {view.Visibility}; labels: {Text(view.Labels)}; tasks are kept: {view.TaskRetention ?? "as the hub says"}");
        }
    }

    private sealed class Rename : AdminAction
    {
        private readonly Argument<string> _agent = Agent();
        private readonly Argument<string> _name = new("NAME") { Description = "The new name, under the same owner" };

        public Rename()
            : base("rename", "Give an agent another name", new Example("parley admin agents rename ann.agent-b builder", "now ann.builder"))
        {
            Add(_agent);
            Add(_name);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var agent = parsed.GetValue(_agent)!;
            var arguments = new AgentArguments(agent, parsed.GetValue(_name));
            var answer = await call.Client.PostAsync($"{PathOf(agent)}/rename", arguments, Json.AgentArguments, Json.ItemAgentView, cancellationToken);
            call.Print(answer.Data, Json.AgentView, view => view.Address);
        }
    }

    private sealed class Remove : AdminAction
    {
        private readonly Argument<string> _agent = Agent();

        public Remove()
            : base("remove", "Remove an agent: its link is cut, its key is good no more, its name is free", new Example("parley admin agents remove ann.agent-b", "for good")) =>
            Add(_agent);

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var answer = await call.Client.DeleteAsync(PathOf(parsed.GetValue(_agent)!), Json.ItemString, cancellationToken);
            call.Print(answer.Data, Json.String, address => address);
        }
    }

    private sealed class ResetKey : AdminAction
    {
        private readonly Argument<string> _agent = Agent();

        public ResetKey()
            : base(
                "reset-key",
                "Take an agent's key away and print a join string for its new home",
                new Example("parley admin agents reset-key ann.agent-b", "after the old home was lost; name, labels and mailbox stay")) =>
            Add(_agent);

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var agent = parsed.GetValue(_agent)!;
            var answer = await call.Client.PostAsync($"{PathOf(agent)}/reset-key", new AgentArguments(agent), Json.AgentArguments, Json.ItemNewToken, cancellationToken);
            call.Print(answer.Data, Json.NewToken, token => token.Join);
        }
    }
}
