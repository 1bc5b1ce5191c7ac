using System.CommandLine;
using Parley.Protocol.Management;

namespace Parley.Cli.Admin;

/// <summary><c>parley admin keys</c>: API keys.</summary>
internal sealed class KeysCommand : ParleyCommand
{
    public KeysCommand()
        : base("keys", "Make and revoke API keys", new Example("parley admin keys create --owner ann", "a key for HTTP callers who act for ann"))
    {
        Add(new Create());
        Add(new List());
        Add(new Revoke());
    }

    private sealed class Create : AdminAction
    {
        private readonly Option<string?> _owner = new("--owner") { HelpName = "NAME", Description = "For whom its holder acts [default: local]" };
        private readonly Option<string[]> _scope = new("--scope")
        {
            HelpName = "NAME,...",
            Description = "messages, agents:read, connections, events, state, admin; may be repeated [default: messages,agents:read]",
        };

        private readonly Option<string?> _expires = new("--expires") { HelpName = "30d|never", Description = "How long it is good [default: never]" };

        public Create()
            : base("create", "Make an API key and print it, once", new Example("parley admin keys create --owner ann --scope messages --expires 30d", "to send messages to ann's agents"))
        {
            Add(_owner);
            Add(_scope);
            Add(_expires);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var scopes = parsed.GetValue(_scope)?.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
            var arguments = new KeyArguments(parsed.GetValue(_owner), scopes is { Count: > 0 } ? scopes : null, Seconds(parsed.GetValue(_expires)));
            var answer = await call.Client.PostAsync("/api/keys", arguments, Json.KeyArguments, Json.ItemNewKey, cancellationToken);
            call.Print(answer.Data, Json.NewKey, key => key.Key);
        }
    }

    private sealed class List : AdminAction
    {
        public List()
            : base("list", "List API keys, newest first", new Example("parley admin keys list", "all of them; never a secret")) => ListOptions.AddTo(this);

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var page = await call.Client.GetAsync(ListOptions.Path("/api/keys", parsed), Json.PageKeyView, cancellationToken);
            call.PrintList(
                page,
                Json.PageKeyView,
                ["ID", "OWNER", "STATE", "SCOPES", "EXPIRES", "LAST-USED"],
                key => [key.Id, key.Owner, key.State, string.Join(',', key.Scopes), key.ExpiresAt is null ? "never" : Time(key.ExpiresAt), Time(key.LastUsedAt)]);
        }
    }

    private sealed class Revoke : AdminAction
    {
        private readonly Argument<string> _id = new("ID") { Description = "Which, as the list names it" };

        public Revoke()
            : base("revoke", "Revoke an API key", new Example("parley admin keys revoke k_abc", "it opens no door from now on")) => Add(_id);

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var answer = await call.Client.DeleteAsync($"/api/keys/{Uri.EscapeDataString(parsed.GetValue(_id)!)}", Json.ItemString, cancellationToken);
            call.Print(answer.Data, Json.String, id => id);
        }
    }
}
