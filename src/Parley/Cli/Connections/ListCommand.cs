using System.CommandLine;
using System.Globalization;
using Parley.Cli.Admin;

namespace Parley.Cli.Connections;

/// <summary><c>connections list</c>.</summary>
internal sealed class ListCommand : AdminAction
{
    public ListCommand()
        : base("list", "List connections, oldest first", new Example("parley connections list --json", "for a program")) => ListOptions.AddTo(this);

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var page = await call.Client.GetAsync(ListOptions.Path("/api/agent-connections", parsed), Json.PageConnectionView, cancellationToken);
        call.PrintList(
            page,
            Json.PageConnectionView,
            ["ID", "FROM", "TO", "TYPE", "EVENTS", "STATUS", "PENDING", "DEAD"],
            view =>
            [
                view.Id, view.SourceAgentId, view.Config.Url ?? view.TargetAgentId ?? string.Empty, view.ConnectionType, string.Join(' ', view.Config.Events ?? []), view.Status,
                view.Pending.ToString(CultureInfo.InvariantCulture), view.Dead.ToString(CultureInfo.InvariantCulture),
            ]);
    }
}

/// <summary><c>connections show</c>.</summary>
internal sealed class ShowCommand : ConnectionAction
{
    public ShowCommand()
        : base("show", "Show one connection", new Example("parley connections show conn_abc", "where it leads, and what waits"))
    {
    }

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken) =>
        call.Print((await call.Client.GetAsync(Path(parsed), Json.ItemConnectionView, cancellationToken)).Data, Json.ConnectionView, Text);
}
