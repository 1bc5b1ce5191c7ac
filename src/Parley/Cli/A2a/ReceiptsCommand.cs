using System.CommandLine;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a receipts ID</c>: what became of a message.</summary>
internal sealed class ReceiptsCommand : ParleyCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The message's id, as a2a send printed it" };

    public ReceiptsCommand()
        : base(
            "receipts",
            "Tell what became of a message that this agent sent",
            new Example("parley a2a receipts 7k2m...", "each event with its time"))
    {
        Add(_id);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var arguments = JsonSerializer.SerializeToUtf8Bytes(new ReceiptArguments(parsed.GetValue(_id)!), MailboxJson.Default.ReceiptArguments);
        using var answer = await home.Link.CallAsync("receipts.get", arguments, cancellationToken);
        var receipts = answer.Deserialize(MailboxJson.Default.PageReceiptView)!.Data;
        if (receipts.Count == 0)
        {
            throw new ParleyException(ErrorCode.NotFound, "The hub knows no message of this agent with this id.");
        }

        foreach (var receipt in receipts)
        {
            context.Print(receipt, MailboxJson.Default.ReceiptView, static one => $"{one.At:yyyy-MM-ddTHH:mm:ss.fffZ}  {one.State}  {one.To}  {one.Code} {one.Message}".TrimEnd());
        }

        return 0;
    }
}
