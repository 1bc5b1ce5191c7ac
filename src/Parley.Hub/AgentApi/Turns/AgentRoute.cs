using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Webhooks;
using Parley.Hub.Identity;
using Parley.Hub.Messaging.Budgets;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Delivery = Parley.Hub.Connections.Outbox.Delivery;

namespace Parley.Hub.AgentApi.Turns;

/// <summary>Deliveries into an agent's mailbox: a webhook for an agent that has no address, which is done when its listener has it, and a turn, which is done when it is answered.</summary>
/// <remarks>
/// They go the way of every message, from <c>owner.hub</c>: contacts, mailbox, order, hop limit and log apply. The envelope's id follows from delivery and attempt, so that what was sent
/// before a crash is not handled twice.
/// </remarks>
internal sealed class AgentRoute(AgentCaller caller, AgentBudgets budgets, TaskOptions options, TimeProvider time) : IDeliveryRoute
{
    // Only what came before this process started can be on its way already.
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <inheritdoc/>
    public bool Serves(Connection connection) => !connection.IsToAddress && connection.Target is not null;

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(Connection connection, Delivery delivery, CancellationToken cancellationToken)
    {
        using var message = new DeliveryMessage(connection, delivery);

        // The answer of an earlier turn goes to whom it was asked for, and is no turn itself.
        var replyTo = message.IsAnswer ? AgentAddress.Parse(connection.Config.ReplyTo!) : (AgentAddress?)null;
        var isTurn = connection.Kind == ConnectionKind.Direct && replyTo is null;
        try
        {
            if (isTurn)
            {
                budgets.Admit(connection.Target!.Value);
            }
        }
        catch (ParleyException refusal)
        {
            return new DeliveryResult(WebhookVerdict.Failed($"{refusal.Row.WireName}: {refusal.Message}"));
        }

        var request = new AgentCallRequest(
            CallerAddresses.HubOf(connection.Owner),
            replyTo ?? connection.Target!.Value,
            string.Create(CultureInfo.InvariantCulture, $"{delivery.Id}-{delivery.Attempts + 1}"),
            isTurn || replyTo is not null ? message.AsTurn() : message.AsWebhook(time.GetUtcNow()))
        {
            Thread = ThreadOf(connection, delivery.Event.Subject),
            Hops = delivery.Event.Hops + 1,
            MayBeRepeated = delivery.Event.At <= _startedAt,
        };
        var call = caller.Start(request);
        try
        {
            var result = await FollowAsync(connection, delivery, call, isTurn, cancellationToken);
            if (result.Committed is null)
            {
                // The attempt is over: no other one asks for this reply, which may be here already, or come yet.
                call.Abandon();
            }

            return result;
        }
        catch (OperationCanceledException)
        {
            // The hub stops. The reply stays where it is, and is asked for again after the restart.
            call.Dispose();
            throw;
        }
        catch
        {
            call.Abandon();
            throw;
        }
    }

    private async Task<DeliveryResult> FollowAsync(Connection connection, Delivery delivery, AgentCall call, bool isTurn, CancellationToken cancellationToken)
    {
        var (isHeld, isShown) = (false, false);

        // What waits in a mailbox ends there.
        while (await call.IsHeardAsync(isHeld ? Timeout.InfiniteTimeSpan : options.Silence, time, cancellationToken))
        {
            while (call.Events.TryRead(out var told))
            {
                isHeld = told is AgentCallEvent.Held;
                switch (told)
                {
                    case AgentCallEvent.Delivered when !isTurn:
                        return new DeliveryResult(Taken);
                    case AgentCallEvent.Read { ByPerson: true }:
                        isShown = true;
                        break;
                    case AgentCallEvent.Replied replied:
                        return ResultOf(connection, delivery, replied.Reply, isTurn, call);
                    case AgentCallEvent.Ended ended:
                        return new DeliveryResult(VerdictOf(ended));
                    default:
                        break;
                }
            }
        }

        call.Cancel();
        return new DeliveryResult(VerdictOfSilence(isTurn, isShown));
    }

    // A turn that nobody ends would keep its place for ever. A person who was shown it may answer until then, with parley a2a reply; it may have been begun, so only a person makes it run again.
    private WebhookVerdict VerdictOfSilence(bool isTurn, bool isShown)
    {
        var (code, limit) = (ErrorMap.Of(ErrorCode.ResponderInterrupted).WireName, DurationText.Format(options.Silence));
        var reason = isShown
            ? $"{code}: A person was shown this turn, and did not answer it within {limit}. Give the agent's listener a responder, or answer with parley a2a reply."
            : $"{code}: The agent was not heard of for {limit}.";
        return isTurn ? new WebhookVerdict(WebhookFate.Never, null, reason) : WebhookVerdict.Failed(reason);
    }

    private static WebhookVerdict Taken { get; } = new(WebhookFate.Taken, null, string.Empty);

    // A run that was interrupted may have done its work: only a person makes it run again. And a circle is none the shorter for another try.
    private static WebhookVerdict VerdictOf(AgentCallEvent.Ended ended) => ended.State == ReceiptState.Unknown || ended.Code == ErrorMap.Of(ErrorCode.MessageHops).WireName
        ? new WebhookVerdict(WebhookFate.Never, null, $"{ended.Code}: {ended.Message}")
        : WebhookVerdict.Failed($"{ended.Code}: {ended.Message}");

    private static DeliveryResult ResultOf(Connection connection, Delivery delivery, Reply reply, bool isTurn, AgentCall call)
    {
        var isGood = !isTurn || reply.State == ReplyState.Completed;
        var verdict = isGood ? Taken : new WebhookVerdict(WebhookFate.Never, null, $"The agent answered {NameOf(reply.State)}{(reply.ErrorCode.Length > 0 ? $": {reply.ErrorCode}" : string.Empty)}.");
        return new DeliveryResult(verdict)
        {
            Answer = isTurn ? AnswerOf(connection, delivery, reply) : null,
            Committed = call.Abandon,
        };
    }

    private static NewEvent AnswerOf(Connection connection, Delivery delivery, Reply reply) => new(connection.Target!.Value, EventType.DirectAnswered, EventJson.Object(json =>
    {
        json.WriteString("connection_id", connection.Id);
        json.WriteString("event_id", delivery.Event.Id);
        json.WriteString("event_type", delivery.Event.Type.Text);
        json.WriteString("event_source", delivery.Event.Source.ToString());
        json.WriteString("state", NameOf(reply.State));
        using var message = new DeliveryMessage(connection, delivery);
        if (message.Member("workflow_id") is { } workflow)
        {
            json.WriteString("workflow_id", workflow);
        }

        if (reply.Content.Length <= MaxAnswerBytes && reply.Content.Span.IndexOf((byte)0) < 0)
        {
            json.WriteString("content", Encoding.UTF8.GetString(reply.Content.Span));
        }
        else
        {
            json.WriteNumber("content_bytes", reply.Content.Length);
        }
    }))
    {
        Id = $"{delivery.Id}-{delivery.Attempts + 1}",
        Subject = delivery.Event.Subject,
        Hops = delivery.Event.Hops + 1,
        TraceParent = WebhookRequest.TraceOf(delivery),
        AlsoFor = connection.Config.ReplyTo is null ? null : connection.Id,
    };

    // A sixth of what an event may have at the least: in JSON a byte may become six.
    private const int MaxAnswerBytes = 8 * 1024;

    // Events of one subject are one conversation, and keep their order.
    private static string ThreadOf(Connection connection, string subject) =>
        subject.Length == 0 ? connection.Id : $"{connection.Id}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)).AsSpan(0, 8))}";

    private static string NameOf(ReplyState state) => state switch
    {
        ReplyState.Completed => "completed",
        ReplyState.Failed => "failed",
        ReplyState.Canceled => "canceled",
        ReplyState.InputRequired => "input-required",
        ReplyState.AuthRequired => "auth-required",
        ReplyState.Rejected => "rejected",
        _ => "interrupted",
    };
}
