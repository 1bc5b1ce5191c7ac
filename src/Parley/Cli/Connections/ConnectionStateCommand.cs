using System.CommandLine;
using Parley.Cli.Admin;
using Parley.Protocol.Formats;
using Parley.Protocol.Management;

namespace Parley.Cli.Connections;

/// <summary><c>connections pause</c> and <c>resume</c>.</summary>
internal sealed class ConnectionStateCommand(string name, string description, string effect) : ConnectionAction(name, description, new Example($"parley connections {name} conn_abc", effect))
{
    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var answer = await call.Client.PostAsync(
            Path(parsed, Name), new ConnectionCallArguments(Id(parsed)), Json.ConnectionCallArguments, Json.ItemConnectionView, cancellationToken);
        call.Print(answer.Data, Json.ConnectionView, Text);
    }
}

/// <summary><c>connections rotate</c>.</summary>
internal sealed class RotateCommand : ConnectionAction
{
    private readonly Option<string?> _overlap = new("--overlap") { HelpName = "24h", Description = "How long the old secret signs too [default: 24h]" };

    public RotateCommand()
        : base("rotate", "Make a new signing secret and print it, once; the old one signs too for a while", new Example("parley connections rotate conn_abc --overlap 1h", "the receiver has an hour to change over")) =>
        Add(_overlap);

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var overlap = parsed.GetValue(_overlap) is { } text ? (long)DurationText.Parse(text).TotalSeconds : (long?)null;
        var answer = await call.Client.PostAsync(
            Path(parsed, "rotate-secret"), new ConnectionCallArguments(Id(parsed), Overlap: overlap), Json.ConnectionCallArguments, Json.ItemConnectionView, cancellationToken);
        call.Print(answer.Data, Json.ConnectionView, view => view.Secret ?? string.Empty);
    }
}

/// <summary><c>connections delete</c>.</summary>
internal sealed class DeleteCommand : ConnectionAction
{
    public DeleteCommand()
        : base("delete", "Delete a connection, and say what waited for it", new Example("parley connections delete conn_abc", "what waits goes with it"))
    {
    }

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var answer = await call.Client.DeleteAsync(Path(parsed), Json.ItemDeletedConnection, cancellationToken);
        call.Print(answer.Data, Json.DeletedConnection, gone => $"{gone.Id} is deleted; with it {gone.Pending} deliveries that waited and {gone.Dead} dead letters");
    }
}
