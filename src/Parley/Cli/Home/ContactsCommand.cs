using System.CommandLine;
using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Output;
using Parley.Protocol.Management;

namespace Parley.Cli.Home;

/// <summary><c>parley contacts</c>: whose messages this agent's owner takes.</summary>
internal sealed class ContactsCommand : ParleyCommand
{
    public ContactsCommand()
        : base(
            "contacts",
            "Say whose messages are taken; strangers' messages wait until then",
            new Example("parley contacts list", "who waits, who was accepted, who was blocked"),
            new Example("parley contacts accept partner.build", "take what that agent sends, also what waits already"))
    {
        Add(new ListCommand());
        Add(new DecideCommand("accept", "Take an agent's messages, or those of all agents of an owner", "contacts.accept"));
        Add(new DecideCommand("block", "Refuse an agent's messages, or those of all agents of an owner", "contacts.block"));
    }

    private sealed class ListCommand : ParleyCommand
    {
        public ListCommand()
            : base("list", "List decisions, and who waits for one", new Example("parley contacts list --json", "for a program"))
        {
            Add(CommonOptions.Json);
            OnRun(async (context, _, cancellationToken) =>
            {
                await using var home = await HomeLink.OpenAsync(context, cancellationToken);
                var page = await WholeList.ReadAsync(
                    home.Link, "contacts.list", null, ManagementJson.Answers.PageContactView, static contact => contact.Sender, cancellationToken);
                if (context.IsJson)
                {
                    context.Terminal.WriteJson(JsonSerializer.Serialize(page, ManagementJson.Answers.PageContactView));
                }
                else
                {
                    context.Terminal.Write(TextTable.Of(
                        ["SENDER", "STATE", "SINCE"],
                        page.Data.Select(contact => new[] { contact.Sender, contact.State, $"{contact.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" })));
                }

                return 0;
            });
        }
    }

    private sealed class DecideCommand : ParleyCommand
    {
        private readonly Argument<string> _sender = new("NAME") { Description = "owner.name, or owner.* for all of an owner" };

        public DecideCommand(string name, string description, string operation)
            : base(name, description, new Example($"parley contacts {name} partner.build", "one agent"), new Example($"parley contacts {name} \"partner.*\"", "all of an owner"))
        {
            Add(_sender);
            OnRun(async (context, parsed, cancellationToken) =>
            {
                await using var home = await HomeLink.OpenAsync(context, cancellationToken);
                var arguments = JsonSerializer.SerializeToUtf8Bytes(new ContactArguments(parsed.GetValue(_sender)!), ManagementJson.Answers.ContactArguments);
                using var answer = await home.Link.CallAsync(operation, arguments, cancellationToken);
                var contact = answer.Deserialize(ManagementJson.Answers.ItemContactView)!.Data;
                context.Terminal.Note($"{contact.Sender} is {contact.State}");
                return 0;
            });
        }
    }
}
