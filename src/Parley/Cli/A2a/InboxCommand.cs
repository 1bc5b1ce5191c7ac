using Parley.Protocol.Formats;
using Parley.Protocol.Management;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a inbox</c>: what waits for this agent.</summary>
internal sealed class InboxCommand : ParleyCommand
{
    public InboxCommand()
        : base(
            "inbox",
            "List what waits in this agent's mailbox",
            new Example("parley a2a inbox", "sender, id, type and size of each; content stays where it is"))
    {
        Add(CommonOptions.Json);
        OnRun(async (context, _, cancellationToken) =>
        {
            await using var home = await HomeLink.OpenAsync(context, cancellationToken);
            var waiting = await WholeList.ReadAsync(
                home.Link, "mailbox.list", null, MailboxJson.Default.PageMailboxView, static item => $"{item.From} {item.Id}", cancellationToken);
            foreach (var item in waiting.Data)
            {
                context.Print(item, MailboxJson.Default.MailboxView, Line);
            }

            return 0;
        });
    }

    private static string Line(MailboxView item) =>
        $"{item.AcceptedAt:yyyy-MM-ddTHH:mm:ssZ}  {item.From}  {item.Id}  {item.Kind} {item.Type}  {SizeText.Format(item.Size)}{(item.Held ? "  held: parley contacts accept" : string.Empty)}";
}
