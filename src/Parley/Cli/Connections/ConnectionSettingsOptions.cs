using System.CommandLine;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.Connections;

/// <summary>What <c>connections create</c> and <c>update</c> take: options, or the whole as JSON.</summary>
internal sealed class ConnectionSettingsOptions
{
    private readonly Option<string?> _source = new("--source") { HelpName = "NAME", Description = "Whose events; owner.* for all agents of an owner [default: all of the owner's]" };
    private readonly Option<string?> _target = new("--target") { HelpName = "NAME", Description = "The agent that gets them" };
    private readonly Option<string?> _type = new("--type") { HelpName = "webhook|direct", Description = "Signed webhooks, or messages that the target's responder answers [default: webhook]" };
    private readonly Option<string?> _url = new("--url") { HelpName = "URL", Description = "Where webhooks go [default: to the target over its link]" };
    private readonly Option<string?> _events = new("--events") { HelpName = "TYPE,...", Description = "Types such as workflow.complete, patterns such as workflow.* [default: *]" };
    private readonly Option<string?> _filter = new("--filter") { HelpName = "JSON", Description = "What the events' data must be, such as {\"channel\":\"support\"}" };
    private readonly Option<string?> _replyTo = new("--reply-to") { HelpName = "NAME", Description = "For direct connections: who gets the target's answers as messages" };
    private readonly Option<string?> _fields = new("--fields") { HelpName = "NAME,...", Description = "For state.update: the members of the source's state that the target gets, such as contacts,config.theme" };
    private readonly Option<string?> _bearer = new("--bearer-secret") { HelpName = "NAME", Description = "Send this secret as a bearer token: parley secrets set NAME" };
    private readonly Option<bool> _ordered = new("--ordered") { Description = "Events of one subject wait for each other" };
    private readonly Option<string?> _log = new("--log") { HelpName = "full|metadata|off|default", Description = "What the message log keeps of its messages, in the own agents' rows [default: as the hub]" };
    private readonly Option<string?> _file = new("--file") { HelpName = "FILE|-", Description = "Read the connection as JSON instead, as the hub's API takes it" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _source, _target, _type, _url, _events, _filter, _replyTo, _fields, _bearer, _ordered, _log, _file })
        {
            command.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public async Task<ConnectionArguments> ReadAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_file) is { } file)
        {
            return Parse(file == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : await File.ReadAllTextAsync(file, cancellationToken));
        }

        var events = Names(parsed.GetValue(_events));
        var auth = parsed.GetValue(_bearer) is { } secret ? new ConnectionAuth("bearer", $"{{{{secrets.{secret}}}}}") : null;
        return new ConnectionArguments(
            SourceAgentId: parsed.GetValue(_source),
            TargetAgentId: parsed.GetValue(_target),
            ConnectionType: parsed.GetValue(_type),
            Config: new ConnectionSettings(
                parsed.GetValue(_url), events, ConnectionAction.ReadJson(parsed.GetValue(_filter), "--filter"), Names(parsed.GetValue(_fields)), auth, null, null, parsed.GetValue(_ordered) ? true : null, parsed.GetValue(_log), parsed.GetValue(_replyTo)));
    }

    private static string[]? Names(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static ConnectionArguments Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ManagementJson.Answers.ConnectionArguments) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The file holds no connection as JSON.", exception);
        }
    }
}
