using System.CommandLine;
using Parley.Protocol.Management;

namespace Parley.Cli.Admin;

/// <summary><c>parley admin drain</c>: empties a hub before it is stopped.</summary>
internal sealed class DrainCommand : AdminAction
{
    private readonly Option<bool> _off = new("--off") { Description = "Take links again" };

    public DrainCommand()
        : base(
            "drain",
            "Ask every link to move and take no new ones; /ready says 503 from then on",
            new Example("parley admin drain", "before the hub is stopped for an update; what is accepted stays in its mailboxes"),
            new Example("parley admin drain --off", "the hub goes on after all")) => Add(_off);

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var arguments = new DrainArguments(!parsed.GetValue(_off));
        var answer = await call.Client.PostAsync("/api/drain", arguments, Json.DrainArguments, Json.ItemHubStatus, cancellationToken);
        call.Print(answer.Data, Json.HubStatus, status => status.Draining ? "draining" : "ready");
    }
}
