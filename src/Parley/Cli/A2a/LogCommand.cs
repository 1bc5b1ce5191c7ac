using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.Admin;
using Parley.Output;
using Parley.Protocol.Management;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a log</c>: the hub's message log.</summary>
internal sealed class LogCommand : ParleyCommand
{
    private const int MaxPage = 1000;

    private readonly Option<string?> _agent = new("--agent") { HelpName = "NAME", Description = "Whose rows, with a key; an agent reads its own" };
    private readonly Option<string?> _connection = new("--connection") { HelpName = "ID", Description = "Of messages that this connection brought, and of their answers" };
    private readonly Option<string?> _direction = new("--direction") { HelpName = "outgoing|incoming", Description = "Sent by the agent, or to it" };
    private readonly Option<string?> _status = new("--status") { HelpName = "sent|delivered|failed", Description = "Only those" };
    private readonly Option<DateTimeOffset?> _since = new("--since") { HelpName = "TIME", Description = "Taken by the hub then or later" };
    private readonly Option<DateTimeOffset?> _until = new("--until") { HelpName = "TIME", Description = "And before then" };
    private readonly Option<string?> _before = new("--before") { HelpName = "PLACE", Description = "Older ones than a list that was cut: what its last line said" };
    private readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = "Most entries, 1 to 1000 [default: 100]" };
    private readonly Option<string?> _owner = new("--owner") { HelpName = "OWNER", Description = "Of this owner's agents, for admins" };

    public LogCommand()
        : base(
            "log",
            "Search the hub's message log, newest first: who sent what to whom, and how it ended",
            new Example("parley a2a log --status failed --since 2026-11-01", "what did not arrive"),
            new Example("parley a2a log --connection conn_abc --json", "what a connection brought, and the answers"),
            new Example("parley a2a log --hub-data ./data --agent acme.bob", "an admin, on the hub's machine"))
    {
        foreach (var option in new Option[] { _agent, _connection, _direction, _status, _since, _until, _before, _limit, _owner, AdminClient.HubData, AdminClient.Hub, AdminClient.KeyFile, AdminClient.Pin, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private static ManagementJson Json => ManagementJson.Answers;

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var door = await HubDoor.OpenAsync(context, parsed, cancellationToken);
        var wanted = parsed.GetValue(_limit) ?? Page<MessageView>.DefaultLimit;
        var arguments = new MessageListArguments(
            parsed.GetValue(_agent), parsed.GetValue(_connection), parsed.GetValue(_direction), parsed.GetValue(_status), parsed.GetValue(_since), parsed.GetValue(_until),
            parsed.GetValue(_before), wanted, parsed.GetValue(_owner));
        var found = new List<MessageView>();
        string? next;
        do
        {
            // A page may hold less than was asked for, where much was looked at.
            var page = await ListAsync(door, arguments with { Limit = Math.Min(wanted - found.Count, MaxPage) }, cancellationToken);
            found.AddRange(page.Data);
            next = page.Next;
            arguments = arguments with { Before = next };
        }
        while (next is not null && found.Count < wanted);

        Print(context, new MessagePage(found, next));
        return 0;
    }

    private static Task<MessagePage> ListAsync(HubDoor door, MessageListArguments arguments, CancellationToken cancellationToken) => door.CallAsync(
        "messages.list", arguments, Json.MessageListArguments, Json.MessagePage,
        api => api.GetAsync($"/api/messages?{Query(arguments)}", Json.MessagePage, cancellationToken), cancellationToken);

    private static string Query(MessageListArguments arguments)
    {
        (string Name, string? Value)[] parts =
        [
            ("agent", arguments.Agent), ("connection", arguments.Connection), ("direction", arguments.Direction), ("status", arguments.Status),
            ("since", arguments.Since?.ToString("O", CultureInfo.InvariantCulture)), ("until", arguments.Until?.ToString("O", CultureInfo.InvariantCulture)),
            ("before", arguments.Before), ("limit", arguments.Limit?.ToString(CultureInfo.InvariantCulture)), ("owner", arguments.Owner),
        ];
        return string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
    }

    private static void Print(CommandContext context, MessagePage page)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(page, Json.MessagePage));
            return;
        }

        context.Terminal.Write(TextTable.Of(["TIME", "AGENT", "WAY", "PEER", "TYPE", "STATUS", "ID", "SAYS"], page.Data.Select(RowOf)));
        if (page.Next is not null)
        {
            context.Terminal.Note($"older ones: --before {page.Next}");
        }
    }

    private static string[] RowOf(MessageView view) =>
    [
        $"{view.CreatedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}", view.Agent, view.Direction == "outgoing" ? "to" : "from", view.Peer, view.Type,
        view.Error is null ? view.Status : $"{view.Status}: {view.Error}", view.MessageId, OneLine(view.Content),
    ];

    private static string OneLine(string? text) => text is null ? string.Empty : text.Length > 80 ? text[..80] + "..." : text;
}
