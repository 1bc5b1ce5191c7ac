using System.CommandLine;
using System.Text.Json;
using Parley.Protocol.Management;

namespace Parley.Cli.Events;

/// <summary><c>events tail</c>.</summary>
internal sealed class TailCommand : ParleyCommand
{
    private const int WaitSeconds = 20;

    private readonly Option<string?> _types = new("--types") { HelpName = "TYPE,...", Description = "Types and patterns such as workflow.* [default: all]" };
    private readonly Option<string?> _source = new("--source") { HelpName = "NAME", Description = "Of one agent" };
    private readonly Option<long?> _after = new("--after") { HelpName = "NUMBER", Description = "Begin after this event instead of now; 0 is the oldest that is kept" };
    private readonly Option<int?> _count = new("--count") { HelpName = "N", Description = "Stop after so many" };
    private readonly Option<string?> _forward = new("--forward") { HelpName = "URL", Description = $"Post each as a webhook to this address, and go on when it was taken; signed with the secret in ${EventForwarder.SecretVariable}" };

    public TailCommand()
        : base(
            "tail",
            "Follow events as they come",
            new Example("parley events tail --types \"workflow.*,message.received\"", "these types"),
            new Example("parley events tail --forward http://127.0.0.1:3000/hook", "for a program on this machine that takes webhooks"),
            new Example("parley events tail --after 0 --json", "from the oldest that the hub keeps, one JSON a line"))
    {
        foreach (var option in new Option[] { _types, _source, _after, _count, _forward, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        using var forwarder = parsed.GetValue(_forward) is { } url ? EventForwarder.Open(url, context) : null;
        await using var door = await EventDoor.OpenAsync(context, parsed, cancellationToken);
        var (after, left) = (parsed.GetValue(_after), parsed.GetValue(_count) ?? int.MaxValue);
        while (left > 0)
        {
            var page = await door.ListAsync(new EventListArguments(after, parsed.GetValue(_types), parsed.GetValue(_source), WaitSeconds), cancellationToken);
            foreach (var value in page.Data.Take(left))
            {
                if (forwarder is not null)
                {
                    await forwarder.ForwardAsync(value, cancellationToken);
                }

                Print(context, value);
                left--;
            }

            after = page.Next;
        }

        return 0;
    }

    private static void Print(CommandContext context, EventView value)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(value, ManagementJson.Answers.EventView));
        }
        else
        {
            context.Terminal.WriteLine($"{value.Timestamp.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} {value.Type} {value.Source} {value.Data.GetRawText()}");
        }

        context.Terminal.Flush();
    }
}
