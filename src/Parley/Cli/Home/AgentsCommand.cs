using System.CommandLine;
using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Output;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.Home;

/// <summary><c>parley agents</c>: the agents that this one may see.</summary>
internal sealed class AgentsCommand : ParleyCommand
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(2);

    private readonly Option<string?> _selector = new("--selector", "-l") { HelpName = "SELECTOR", Description = "Labels: k=v, k!=v, comma = and" };
    private readonly Option<bool> _watch = new("--watch") { Description = "Go on, with a line for each agent that changes or is gone" };

    public AgentsCommand()
        : base(
            "agents",
            "List the agents that this one may see",
            new Example("parley agents", "all of them, and who is online"),
            new Example("parley agents -l role=build,env!=prod --json", "those with labels, for a program"),
            new Example("parley agents --watch", "who comes and goes"))
    {
        Add(_selector);
        Add(_watch);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var selector = parsed.GetValue(_selector);
        if (selector is not null)
        {
            LabelSelector.Parse(selector);
        }

        await using var link = await HomeLink.OpenAsync(context, cancellationToken);
        var page = await AgentList.AllAsync(link.Link, selector, cancellationToken);
        Print(context, page, parsed.GetValue(_watch));
        if (parsed.GetValue(_watch))
        {
            await WatchAsync(context, link, selector, page, cancellationToken);
        }

        return 0;
    }

    private static void Print(CommandContext context, Page<AgentView> page, bool isWatching)
    {
        if (!context.IsJson)
        {
            context.Terminal.Write(TextTable.Of(
                ["AGENT", "OWNER", "ONLINE", "OVER", "LABELS"],
                page.Data.Select(agent => new[] { agent.Address, agent.Owner, Presence(agent), agent.Transport ?? string.Empty, Text(agent.Labels) })));
        }
        else if (!isWatching)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(page, ManagementJson.Answers.PageAgentView));
        }
        else
        {
            foreach (var agent in page.Data)
            {
                PrintOne(context, agent);
            }
        }
    }

    private static async Task WatchAsync(CommandContext context, HomeLink link, string? selector, Page<AgentView> shown, CancellationToken cancellationToken)
    {
        var known = shown.Data.ToDictionary(agent => agent.Address, Fingerprint);
        using var timer = new PeriodicTimer(_lookEvery, context.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var present = (await AgentList.AllAsync(link.Link, selector, cancellationToken)).Data;
            foreach (var agent in present)
            {
                if (known.GetValueOrDefault(agent.Address) != Fingerprint(agent))
                {
                    known[agent.Address] = Fingerprint(agent);
                    PrintOne(context, agent);
                }
            }

            foreach (var address in known.Keys.Except(present.Select(agent => agent.Address)).ToList())
            {
                known.Remove(address);
                context.Print(new GoneAgentJson(address, Gone: true), CliJson.Compact.GoneAgentJson, static one => SafeText.Clean($"{one.Address}  gone"));
            }
        }
    }

    private static void PrintOne(CommandContext context, AgentView agent) =>
        context.Print(agent, ManagementJson.Answers.AgentView, static one => SafeText.Clean($"{one.Address}  {Presence(one)}  {Text(one.Labels)}".TrimEnd()));

    private static string Fingerprint(AgentView agent) => $"{agent.OnlineSince:O} {Text(agent.Labels)}";

    private static string Presence(AgentView agent) => agent.Online ? $"since {agent.OnlineSince?.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "no";

    private static string Text(IReadOnlyDictionary<string, string> labels) => string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"));
}

/// <summary>An agent that <c>agents --watch --json</c> does not find any more: it was removed, is hidden from this one, or has other labels.</summary>
internal sealed record GoneAgentJson(string Address, bool Gone);
