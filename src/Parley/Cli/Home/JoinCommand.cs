using System.CommandLine;
using System.Text.Json;
using Parley.Client.Config;
using Parley.Client.Enrolment;
using Parley.Protocol.Identity;

namespace Parley.Cli.Home;

/// <summary><c>parley join</c>: makes this home an agent of a hub.</summary>
internal sealed class JoinCommand : ParleyCommand
{
    private readonly Argument<string> _join = new("JOIN_STRING") { HelpName = "JOIN_STRING|-", Description = "What an admin of the hub gave you; - reads it from standard input" };
    private readonly Option<string?> _name = new("--name") { HelpName = "NAME", Description = "The agent's name [default: this machine's]" };
    private readonly Option<string?> _labels = new("--labels") { HelpName = "k=v,...", Description = "Labels, beside those that the join string brings" };
    private readonly Option<bool> _insecureHttp = new("--insecure-http") { Description = "Accept plain HTTP to another machine, now and for the link" };

    public JoinCommand()
        : base(
            "join",
            "Make this home an agent of a hub",
            new Example("parley join parley-join-... --name agent-b", "with the line that an admin gave you"),
            new Example("parley --home ~/agent-b join - --labels role=build", "another home on the same machine; the line comes on standard input"))
    {
        Add(_join);
        Add(_name);
        Add(_labels);
        Add(_insecureHttp);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = parsed.GetValue(_join)!;
        var join = JoinString.Parse(given == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : given);
        var labels = Labels.Parse(parsed.GetValue(_labels));
        var name = parsed.GetValue(_name) is { } wanted ? Names.CheckNew(wanted) : HostNames.ToAgentName(Environment.MachineName);
        var home = context.OpenHome();
        var result = await new Enroller(context.Time, context.FillRandom).JoinAsync(home, join, name, labels, parsed.GetValue(_insecureHttp), cancellationToken);
        if (context.IsJson)
        {
            using var identity = HomeIdentity.Load(home);
            var shown = new JoinedJson(
                result.Address, result.Owner, result.Name, result.Labels, identity.Fingerprint, join.HubId, Addresses.Text(join.Http), Addresses.Text(join.Grpc), home.FullPath);
            context.Terminal.WriteJson(JsonSerializer.Serialize(shown, CliJson.Compact.JoinedJson));
            return 0;
        }

        context.Terminal.WriteLine(result.IsNameUnique ? result.Name : result.Address);
        return 0;
    }
}

/// <summary>What <c>join --json</c> prints.</summary>
internal sealed record JoinedJson(
    string Agent, string Owner, string Name, IReadOnlyDictionary<string, string> Labels, string Fingerprint, string HubId, string Http, string Grpc, string Home);
