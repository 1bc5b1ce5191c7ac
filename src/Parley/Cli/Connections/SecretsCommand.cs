using System.CommandLine;
using Parley.Cli.Admin;
using Parley.Protocol.Management;

namespace Parley.Cli.Connections;

/// <summary><c>parley secrets</c>: what connections may name as <c>{{secrets.name}}</c>.</summary>
internal sealed class SecretsCommand : ParleyCommand
{
    public SecretsCommand()
        : base("secrets", "Keep secrets for connections; they go in and never come out", new Example("parley secrets set agent_b_token", "its value is read from standard input"))
    {
        AdminClient.AddTo(this);
        Add(new SetCommand());
        Add(new ListSecretsCommand());
        Add(new DeleteSecretCommand());
    }

    private static Option<string?> OwnerOption() => new("--owner") { HelpName = "NAME", Description = "Whose [default: local]" };

    private static string PathOf(string name, string? owner) =>
        $"/api/secrets/{Uri.EscapeDataString(name)}{(owner is null ? string.Empty : $"?owner={Uri.EscapeDataString(owner)}")}";

    private sealed class SetCommand : AdminAction
    {
        private readonly Argument<string> _name = new("NAME") { Description = "Letters, digits, _ and -" };
        private readonly Option<string?> _owner = OwnerOption();

        public SetCommand()
            : base("set", "Set a secret; its value is standard input, without the last line end", new Example("parley secrets set agent_b_token", "it is read from standard input, never from the command line"))
        {
            Add(_name);
            Add(_owner);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var value = (await call.Context.Terminal.ReadAllInputAsync(cancellationToken)).TrimEnd('\n', '\r');
            var answer = await call.Client.PutAsync(PathOf(parsed.GetValue(_name)!, parsed.GetValue(_owner)), new SecretArguments(Value: value), Json.SecretArguments, Json.ItemSecretView, cancellationToken);
            call.Print(answer.Data, Json.SecretView, secret => secret.Name);
        }
    }

    private sealed class ListSecretsCommand : AdminAction
    {
        private readonly Option<string?> _owner = OwnerOption();

        public ListSecretsCommand()
            : base("list", "List secrets by name", new Example("parley secrets list", "never what they are"))
        {
            Add(_owner);
            ListOptions.AddTo(this);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var more = parsed.GetValue(_owner) is { } owner ? $"owner={Uri.EscapeDataString(owner)}" : null;
            var page = await call.Client.GetAsync(ListOptions.Path("/api/secrets", parsed, more), Json.PageSecretView, cancellationToken);
            call.PrintList(page, Json.PageSecretView, ["NAME", "OWNER", "SET"], secret => [secret.Name, secret.Owner, Time(secret.UpdatedAt)]);
        }
    }

    private sealed class DeleteSecretCommand : AdminAction
    {
        private readonly Argument<string> _name = new("NAME") { Description = "Which" };
        private readonly Option<string?> _owner = OwnerOption();

        public DeleteSecretCommand()
            : base("delete", "Forget a secret", new Example("parley secrets delete agent_b_token", "deliveries that need it fail from now on"))
        {
            Add(_name);
            Add(_owner);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var answer = await call.Client.DeleteAsync(PathOf(parsed.GetValue(_name)!, parsed.GetValue(_owner)), Json.ItemString, cancellationToken);
            call.Print(answer.Data, Json.String, name => name);
        }
    }
}
