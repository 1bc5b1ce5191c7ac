using System.CommandLine;
using System.Globalization;
using Parley.Cli.Admin;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.Connections;

/// <summary><c>connections deliveries</c>.</summary>
internal sealed class DeliveriesCommand : AdminAction
{
    private readonly Argument<string?> _id = new("ID") { Description = "A connection (conn_...), or one delivery (msg_...) with its attempts", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _status = new("--status") { HelpName = "pending|delivered|dead", Description = "Only those" };

    public DeliveriesCommand()
        : base(
            "deliveries",
            "List deliveries, newest first, or show one with its attempts",
            new Example("parley connections deliveries conn_abc --status dead", "what was given up"),
            new Example("parley connections deliveries msg_abc --json", "one of them, with what was sent and each attempt"))
    {
        Add(_id);
        Add(_status);
        ListOptions.AddTo(this);
    }

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetValue(_id);
        if (id is not null && id.StartsWith("msg_", StringComparison.Ordinal))
        {
            var one = await call.Client.GetAsync($"/api/deliveries/{Uri.EscapeDataString(id)}", Json.ItemDeliveryView, cancellationToken);
            call.Print(one.Data, Json.DeliveryView, Whole);
            return;
        }

        string?[] more = [id is null ? null : $"connection={Uri.EscapeDataString(id)}", parsed.GetValue(_status) is { } status ? $"status={Uri.EscapeDataString(status)}" : null];
        var page = await call.Client.GetAsync(ListOptions.Path("/api/deliveries", parsed, string.Join('&', more.OfType<string>()) is { Length: > 0 } query ? query : null), Json.PageDeliveryView, cancellationToken);
        call.PrintList(
            page,
            Json.PageDeliveryView,
            ["ID", "CONNECTION", "EVENT", "STATUS", "ATTEMPTS", "NEXT", "ERROR"],
            view => [view.Id, view.ConnectionId, view.EventType, view.Status, view.Attempts.ToString(CultureInfo.InvariantCulture), Time(view.NextAt), view.Error ?? string.Empty]);
    }

    private static string Whole(DeliveryView view)
    {
        var attempts = TextTable.Of(
            ["ATTEMPT", "AT", "MS", "STATUS", "ERROR"],
            (view.Log ?? []).Select(attempt => new[]
            {
                attempt.Number.ToString(CultureInfo.InvariantCulture), Time(attempt.At), attempt.DurationMs.ToString(CultureInfo.InvariantCulture),
                attempt.Status?.ToString(CultureInfo.InvariantCulture) ?? "-", attempt.Error ?? string.Empty,
            }));
        return $"{view.Id} {view.Status} {view.EventType}\n{attempts}{view.Payload?.GetRawText()}";
    }
}

/// <summary><c>connections replay</c>.</summary>
internal sealed class ReplayCommand : AdminAction
{
    private readonly Argument<string> _id = new("ID") { Description = "A connection (conn_...), or one delivery (msg_...)" };
    private readonly Option<DateTimeOffset?> _since = new("--since") { HelpName = "TIME", Description = "Of a connection: dead letters of events from then on [default: all]" };
    private readonly Option<DateTimeOffset?> _until = new("--until") { HelpName = "TIME", Description = "And before then" };

    public ReplayCommand()
        : base(
            "replay",
            "Send dead letters again, under their old ids",
            new Example("parley connections replay conn_abc", "all of a connection"),
            new Example("parley connections replay msg_abc", "one, also when it was taken"))
    {
        Add(_id);
        Add(_since);
        Add(_until);
    }

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetValue(_id)!;
        if (id.StartsWith("msg_", StringComparison.Ordinal))
        {
            if (parsed.GetValue(_since) is not null || parsed.GetValue(_until) is not null)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "--since and --until are for a connection.");
            }

            var one = await call.Client.PostAsync($"/api/deliveries/{Uri.EscapeDataString(id)}/replay", new DeliveryArguments(id), Json.DeliveryArguments, Json.ItemDeliveryView, cancellationToken);
            call.Print(one.Data, Json.DeliveryView, view => $"{view.Id} {view.Status}");
            return;
        }

        var arguments = new ConnectionCallArguments(id, Since: parsed.GetValue(_since), Until: parsed.GetValue(_until));
        var answer = await call.Client.PostAsync(
            $"/api/agent-connections/{Uri.EscapeDataString(id)}/replay", arguments, Json.ConnectionCallArguments, Json.ItemReplayView, cancellationToken);
        call.Print(answer.Data, Json.ReplayView, view => string.Create(CultureInfo.InvariantCulture, $"{view.Count} go out again"));
    }
}
