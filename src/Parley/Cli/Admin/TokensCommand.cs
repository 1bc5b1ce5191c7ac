using System.CommandLine;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.Admin;

/// <summary><c>parley admin tokens</c>: join tokens.</summary>
internal sealed class TokensCommand : ParleyCommand
{
    public TokensCommand()
        : base("tokens", "Make and revoke join strings", new Example("parley admin tokens create", "a join string for one agent, good for a day"))
    {
        Add(new Create());
        Add(new List());
        Add(new Revoke());
    }

    private sealed class Create : AdminAction
    {
        private readonly Option<string?> _owner = new("--owner") { HelpName = "NAME", Description = "Whose the agents will be [default: local]" };
        private readonly Option<string?> _labels = new("--labels") { HelpName = "k=v,...", Description = "Labels that the agents get and cannot change" };
        private readonly Option<long?> _maxAgents = new("--max-agents") { HelpName = "N", Description = "Most agents of this token at a time" };
        private readonly Option<string?> _uses = new("--uses") { HelpName = "N|many", Description = "How often it may be used [default: 1, or many with --max-agents]" };
        private readonly Option<string?> _expires = new("--expires") { HelpName = "24h|never", Description = "How long it is good [default: 24h]" };

        public Create()
            : base(
                "create",
                "Make a join string and print it, once",
                new Example("parley admin tokens create --owner ann --labels role=build", "for one agent of ann's"),
                new Example("parley admin tokens create --uses many --max-agents 50 --expires 7d --json", "for a fleet, with the token's id"))
        {
            foreach (var option in new Option[] { _owner, _labels, _maxAgents, _uses, _expires })
            {
                Add(option);
            }
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var arguments = new TokenArguments(
                parsed.GetValue(_owner),
                new Dictionary<string, string>(Labels.Parse(parsed.GetValue(_labels))),
                parsed.GetValue(_maxAgents),
                Uses(parsed.GetValue(_uses)),
                Seconds(parsed.GetValue(_expires)));
            var answer = await call.Client.PostAsync("/api/tokens", arguments, Json.TokenArguments, Json.ItemNewToken, cancellationToken);
            call.Print(answer.Data, Json.NewToken, token => token.Join);
        }

        private static long? Uses(string? text) => text switch
        {
            null => null,
            "many" => 0,
            _ => long.TryParse(text, out var uses) && uses > 0 ? uses : throw new ParleyException(ErrorCode.InvalidArgument, "--uses is a number above zero, or many."),
        };
    }

    private sealed class List : AdminAction
    {
        public List()
            : base("list", "List join tokens, newest first", new Example("parley admin tokens list", "all of them; never a secret")) => ListOptions.AddTo(this);

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var page = await call.Client.GetAsync(ListOptions.Path("/api/tokens", parsed), Json.PageTokenView, cancellationToken);
            call.PrintList(
                page,
                Json.PageTokenView,
                ["ID", "OWNER", "STATE", "USES", "AGENTS", "EXPIRES", "LABELS"],
                token =>
                [
                    token.Id,
                    token.Owner,
                    token.State,
                    $"{token.Uses}/{token.MaxUses?.ToString() ?? "many"}",
                    token.MaxAgents is { } most ? $"<={most}" : "any",
                    token.ExpiresAt is null ? "never" : Time(token.ExpiresAt),
                    Text(token.Labels),
                ]);
        }
    }

    private sealed class Revoke : AdminAction
    {
        private readonly Argument<string> _id = new("ID") { Description = "Which, as the list names it" };
        private readonly Option<bool> _keepAgents = new("--keep-agents") { Description = "Spare the agents that it enrolled; else they are removed and their links cut" };

        public Revoke()
            : base("revoke", "Revoke a join token, and remove the agents that it enrolled", new Example("parley admin tokens revoke t_abc --keep-agents", "no new agents; those there stay"))
        {
            Add(_id);
            Add(_keepAgents);
        }

        protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
        {
            var path = $"/api/tokens/{Uri.EscapeDataString(parsed.GetValue(_id)!)}?keepAgents={(parsed.GetValue(_keepAgents) ? "true" : "false")}";
            var answer = await call.Client.DeleteAsync(path, Json.ItemRevokedToken, cancellationToken);
            if (call.Context.IsJson)
            {
                call.Context.Terminal.WriteJson(JsonSerializer.Serialize(answer.Data, Json.RevokedToken));
                return;
            }

            call.Context.Terminal.Note($"{answer.Data.Id} is revoked; {answer.Data.RemovedAgents.Count} agents removed");
            foreach (var agent in answer.Data.RemovedAgents)
            {
                call.Context.Terminal.WriteLine(agent);
            }
        }
    }
}
