using System.CommandLine;
using Parley.Cli.Admin;
using Parley.Output;
using Parley.Protocol.Management;

namespace Parley.Cli.Connections;

/// <summary><c>connections test</c>.</summary>
internal sealed class TestCommand : ConnectionAction
{
    private readonly Option<string?> _type = new("--type") { HelpName = "TYPE", Description = "The event's type [default: one that the connection wants]" };
    private readonly Option<string?> _data = new("--data") { HelpName = "JSON|-", Description = "The event's data" };
    private readonly Option<string?> _source = new("--source") { HelpName = "NAME", Description = "Whose event [default: the connection's source]" };
    private readonly Option<bool> _deliver = new("--deliver") { Description = "Send it, too, whether it matches or not" };

    public TestCommand()
        : base(
            "test",
            "Say whether an event would go to a connection, and what speaks against it",
            new Example("parley connections test conn_abc --type workflow.complete --data '{\"workflow_id\":\"step-1\"}'", "each condition, and what it found"),
            new Example("parley connections test conn_abc --deliver", "send one to see whether it is taken"))
    {
        foreach (var option in new Option[] { _type, _data, _source, _deliver })
        {
            Add(option);
        }
    }

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var data = parsed.GetValue(_data) is "-" ? await call.Context.Terminal.ReadAllInputAsync(cancellationToken) : parsed.GetValue(_data);
        var tried = new TestEvent(parsed.GetValue(_type), ReadJson(data, "--data"), parsed.GetValue(_source));
        var answer = await call.Client.PostAsync(
            Path(parsed, "test"), new ConnectionCallArguments(Id(parsed), tried, parsed.GetValue(_deliver)), Json.ConnectionCallArguments, Json.ItemConnectionTestView, cancellationToken);
        call.Print(answer.Data, Json.ConnectionTestView, Explained);
    }

    private static string Explained(ConnectionTestView view)
    {
        var table = TextTable.Of(["", "FIELD", "WANTS", "FOUND"], view.Clauses.Select(clause => new[] { clause.Matches ? "yes" : "NO", clause.Field, clause.Wants, clause.Found ?? "(not there)" }));
        var sent = view.Delivery is null ? string.Empty : $"\ndelivery {view.Delivery}";
        return $"{table}{(view.Matches ? "it matches" : "it does not match")}{sent}";
    }
}
