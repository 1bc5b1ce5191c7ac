using System.CommandLine;
using Parley.Cli.Admin;

namespace Parley.Cli.Connections;

/// <summary><c>connections create</c>.</summary>
internal sealed class CreateCommand : AdminAction
{
    private readonly ConnectionSettingsOptions _settings = new();

    public CreateCommand()
        : base(
            "create",
            "Connect an agent to another one, or to a webhook; prints its id and, once, the secret that signs",
            new Example("parley connections create --source agent-a --target agent-b --type direct --events message.received --filter '{\"channel\":\"support\"}'", "agent-b answers what agent-a gets on that channel"),
            new Example("parley connections create --source agent-a --url https://example.org/hook --events \"workflow.*\"", "webhooks to an address"),
            new Example("parley connections create --source agent-a --target agent-b --events state.update --fields contacts,config", "agent-b has a copy of these two members of agent-a's state"),
            new Example("parley connections create --file connection.json", "as the hub's API takes it")) => _settings.AddTo(this);

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var arguments = await _settings.ReadAsync(call.Context, parsed, cancellationToken);
        var answer = await call.Client.PostAsync("/api/agent-connections", arguments, Json.ConnectionArguments, Json.ItemConnectionView, cancellationToken);
        call.Print(answer.Data, Json.ConnectionView, ConnectionAction.Text);
    }
}

/// <summary><c>connections update</c>.</summary>
internal sealed class UpdateCommand : ConnectionAction
{
    private readonly ConnectionSettingsOptions _settings = new();

    public UpdateCommand()
        : base("update", "Change a connection; what is not named stays", new Example("parley connections update conn_abc --events workflow.complete,workflow.error", "these two types from now on")) =>
        _settings.AddTo(this);

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var arguments = await _settings.ReadAsync(call.Context, parsed, cancellationToken);
        var answer = await call.Client.PatchAsync(Path(parsed), arguments, Json.ConnectionArguments, Json.ItemConnectionView, cancellationToken);
        call.Print(answer.Data, Json.ConnectionView, Text);
    }
}
