using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.Connections;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.States;

/// <summary><c>state set</c> and <c>state patch</c>.</summary>
internal sealed class StateWriteCommand : ParleyCommand
{
    private readonly Argument<string> _value = new("JSON") { Description = "An object; - reads standard input" };
    private readonly Option<string?> _agent = new("--agent") { HelpName = "NAME", Description = "As an admin: whose [default: this home's agent]" };
    private readonly Option<long?> _version = new("--if-version") { HelpName = "N", Description = "Only if this is its version; 0: only if there is none yet" };

    public StateWriteCommand(string name, string description, string effect)
        : base(name, description, new Example($"parley state {name} '{{\"config\":{{\"theme\":\"dark\"}}}}'", effect), new Example($"parley state {name} - --if-version 3", "from a program that has read version 3"))
    {
        Add(_value);
        Add(_agent);
        Add(_version);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var text = parsed.GetValue(_value) is "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : parsed.GetValue(_value);
        var value = ConnectionAction.ReadJson(text, "The state") ?? throw new ParleyException(ErrorCode.InvalidArgument, "The state is missing.");
        await using var door = await StateDoor.OpenAsync(context, parsed, cancellationToken);
        var written = await door.WriteAsync(new(parsed.GetValue(_agent), value, parsed.GetValue(_version)?.ToString(CultureInfo.InvariantCulture)), Name == "patch", cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(written, ManagementJson.Answers.StateView));
        }
        else
        {
            context.Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"version {written.Version}"));
        }

        return 0;
    }
}
