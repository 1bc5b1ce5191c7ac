using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.Admin;
using Parley.Output;
using Parley.Protocol.Management;

namespace Parley.Cli.States;

/// <summary><c>state list</c>.</summary>
internal sealed class StateListCommand : ParleyCommand
{
    public StateListCommand()
        : base("list", "List the states that one may read: the own, and what connections show", new Example("parley state list", "whose, which version, which fields"))
    {
        ListOptions.AddTo(this);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var door = await StateDoor.OpenAsync(context, parsed, cancellationToken);
        var (limit, offset) = ListOptions.Read(parsed);
        var page = await door.ListAsync(ListOptions.Path("/api/state", parsed), limit, offset, cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(page, ManagementJson.Answers.PageStateView));
            return 0;
        }

        context.Terminal.Write(TextTable.Of(
            ["AGENT", "VERSION", "CHANGED", "FIELDS", "CONNECTION"],
            page.Data.Select(view => new[]
            {
                view.Agent, view.Version.ToString(CultureInfo.InvariantCulture), view.UpdatedAt is { } at ? $"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : string.Empty,
                view.Fields is null ? "*" : string.Join(' ', view.Fields), view.Connection ?? string.Empty,
            })));
        return 0;
    }
}
