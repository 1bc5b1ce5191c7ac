using System.CommandLine;

namespace Parley.Cli.Admin;

/// <summary><c>parley admin audit</c>: who did what.</summary>
internal sealed class AuditCommand : AdminAction
{
    public AuditCommand()
        : base("audit", "List what admins, owners and new agents did, newest first", new Example("parley admin audit --limit 20", "the last twenty acts")) => ListOptions.AddTo(this);

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var page = await call.Client.GetAsync(ListOptions.Path("/api/audit", parsed), Json.PageAuditView, cancellationToken);
        call.PrintList(
            page,
            Json.PageAuditView,
            ["TIME", "WHO", "ACT", "TARGET", "DETAIL", "FROM"],
            row => [Time(row.At), row.Actor, row.Act, row.Target, row.Detail, row.Source]);
    }
}
