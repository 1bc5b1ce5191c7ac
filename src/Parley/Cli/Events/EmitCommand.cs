using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.Connections;
using Parley.Protocol.Management;

namespace Parley.Cli.Events;

/// <summary><c>events emit</c>.</summary>
internal sealed class EmitCommand : ParleyCommand
{
    private readonly Argument<string> _type = new("TYPE") { Description = "What kind: words with dots between them, such as workflow.complete" };
    private readonly Option<string?> _data = new("--data") { HelpName = "JSON|-", Description = "What it says, a JSON object; - reads standard input" };
    private readonly Option<string?> _subject = new("--subject") { HelpName = "TEXT", Description = "What it is about; events of one subject keep their order" };
    private readonly Option<string?> _id = new("--id") { HelpName = "ID", Description = "The same id again is the same event" };
    private readonly Option<string?> _source = new("--source") { HelpName = "NAME", Description = "As an admin: the agent whose doing it was" };

    public EmitCommand()
        : base(
            "emit",
            "Emit an event; connections that want it deliver it",
            new Example("parley events emit workflow.complete --data '{\"workflow_id\":\"step-1\"}'", "as this home's agent"),
            new Example("parley events emit browser.action --data - --subject tab-7", "what it says comes from a program"))
    {
        Add(_type);
        foreach (var option in new Option[] { _data, _subject, _id, _source, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    // Of a responder's run: what it emits belongs to the trace of the message that it answers.
    private const string TraceVariable = "TRACEPARENT";

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var data = parsed.GetValue(_data) is "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : parsed.GetValue(_data);
        var arguments = new EventArguments(
            parsed.GetValue(_type), ConnectionAction.ReadJson(data, "--data"), parsed.GetValue(_source), parsed.GetValue(_subject), parsed.GetValue(_id),
            context.Environment(TraceVariable) is { Length: > 0 } trace ? trace : null);
        await using var door = await EventDoor.OpenAsync(context, parsed, cancellationToken);
        var emitted = await door.EmitAsync(arguments, cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(emitted, ManagementJson.Answers.EmittedEvent));
            return 0;
        }

        context.Terminal.WriteLine(emitted.Id);
        context.Terminal.Note(emitted.Repeated ? "it was emitted before" : string.Create(CultureInfo.InvariantCulture, $"it goes to {emitted.Deliveries} connections"));
        return 0;
    }
}
