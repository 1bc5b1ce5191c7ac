using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Seed;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>Messages of the seed's dialect on their way to an agent, and its answers as that dialect has them.</summary>
internal sealed class SeedCalls(AgentCaller caller, TimeProvider time, FillRandom random, IOptions<DoorOptions> options)
{
    private readonly TimeSpan _wait = options.Value.MessageWait;

    /// <summary>Sends a message and waits for the whole answer.</summary>
    /// <exception cref="ParleyException">There is none.</exception>
    public async Task<SeedPiece.Whole> AskAsync(Principal asker, AgentAddress agent, SeedRequest message, CancellationToken cancellationToken)
    {
        SeedPiece last = new SeedPiece.Begun();
        await foreach (var piece in FollowAsync(asker, agent, message, cancellationToken))
        {
            last = piece;
        }

        return (SeedPiece.Whole)last;
    }

    /// <summary>Sends a message and tells the answer as it is produced.</summary>
    /// <exception cref="ParleyException">There is no answer, or none any more.</exception>
    public async IAsyncEnumerable<SeedPiece> FollowAsync(
        Principal asker, AgentAddress agent, SeedRequest message, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new AgentCallRequest(CallerAddresses.Of(asker, agent), agent, EnvelopeId.Make(random).Value, BodyOf(message)) { TimeToLive = _wait };
        using var patience = new CancellationTokenSource(_wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var call = caller.Start(request);
        try
        {
            var (isTaken, awaitsContact) = (false, false);
            while (true)
            {
                var callEvent = await NextAsync(call.Events, either.Token, cancellationToken);
                if (!isTaken && callEvent is AgentCallEvent.Delivered or AgentCallEvent.Read or AgentCallEvent.Working or AgentCallEvent.Delta)
                {
                    isTaken = true;
                    patience.CancelAfter(Timeout.InfiniteTimeSpan);
                    yield return new SeedPiece.Begun();
                }

                switch (callEvent)
                {
                    case AgentCallEvent.Held held:
                        awaitsContact = held.AwaitsContact;
                        break;
                    case AgentCallEvent.Delta delta:
                        yield return new SeedPiece.Delta(delta.Text);
                        break;
                    case AgentCallEvent.Replied { Reply: var reply }:
                        yield return WholeOf(reply);
                        yield break;
                    case AgentCallEvent.Ended ended:
                        throw RefusalOf(ended, awaitsContact);
                }
            }
        }
        finally
        {
            // There is nothing to come back for: the reply is done with, whoever reads it.
            call.Abandon();
        }
    }

    /// <summary>What the listener gets: text as content, the context as metadata.</summary>
    private static Message BodyOf(SeedRequest message)
    {
        var body = new Message { Content = ByteString.CopyFromUtf8(message.Content) };
        foreach (var (name, value) in message.Context?.Fields ?? [])
        {
            body.Meta[name] = value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : Encoding.UTF8.GetString(JsonDialect.V1.ToBytes(value).Span);
        }

        return body;
    }

    // The end of patience is an end like any other.
    private static async Task<AgentCallEvent> NextAsync(ChannelReader<AgentCallEvent> events, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            return await events.ReadAsync(either);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AgentCallEvent.Ended(ReceiptState.Expired, ErrorMap.Of(ErrorCode.MessageExpired).WireName, string.Empty);
        }
    }

    private static ParleyException RefusalOf(AgentCallEvent.Ended ended, bool awaitsContact) => ended.State switch
    {
        ReceiptState.Expired when awaitsContact => new ParleyException(ErrorCode.ContactPending, "The agent's owner has not accepted you as a sender yet."),
        ReceiptState.Expired => new ParleyException(ErrorCode.AgentOffline, "The agent has no listener now that takes the message."),
        _ => new ParleyException(ErrorMap.FromWireName(ended.Code), ended.Message.Length > 0 ? ended.Message : "The agent did not take the message."),
    };

    private static SeedPiece.Whole WholeOf(Reply reply)
    {
        if (reply.ErrorCode.Length > 0)
        {
            throw new ParleyException(ErrorMap.FromWireName(reply.ErrorCode), reply.ErrorMessage.Length > 0 ? reply.ErrorMessage : "The agent failed.");
        }

        if (reply.State is ReplyState.Failed or ReplyState.Interrupted or ReplyState.Canceled || reply.ExitCode != 0)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, reply.ExitCode != 0 ? $"The agent's program ended with exit code {reply.ExitCode}." : "The agent failed.");
        }

        var metadata = new Struct();
        foreach (var (name, text) in reply.Meta)
        {
            metadata.Fields[name] = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Value.ForNumber(number) : Value.ForString(text);
        }

        if (StateName(reply.State) is { } state)
        {
            metadata.Fields["state"] = Value.ForString(state);
        }

        return new SeedPiece.Whole(reply.Content.ToStringUtf8(), metadata);
    }

    // The dialect has no states; one that is no end of the matter must be told all the same.
    private static string? StateName(ReplyState state) => state switch
    {
        ReplyState.InputRequired => "input-required",
        ReplyState.AuthRequired => "auth-required",
        ReplyState.Rejected => "rejected",
        _ => null,
    };
}
