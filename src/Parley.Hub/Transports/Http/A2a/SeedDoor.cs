using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Parley.Gateway.JsonRpc;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Seed;
using Parley.Gateway.Sse;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>The method <c>message</c>: text in, text out. It makes no task; who goes away loses the answer, and the agent finishes all the same.</summary>
internal sealed class SeedDoor(IAgentCards cards, A2aDesk desk, SeedCalls calls, EventStreams streams)
{
    /// <summary>Answers a call.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="request">The call.</param>
    /// <param name="isStream">Whether the answer comes in pieces.</param>
    public async Task AnswerAsync(HttpContext context, Principal caller, JsonRpcRequest request, bool isStream)
    {
        var message = SeedRequest.Parse(request.Params.Span, JsonLimits.Default);
        var path = context.Request.RouteValues[A2aEndpoints.AgentValue] as string ?? string.Empty;
        var agent = cards.Find(caller, desk.Agree(caller, path, message.Agent, "params.agent_id"));
        if (isStream)
        {
            await streams.SendAsync(
                context,
                cancellationToken => calls.FollowAsync(caller, agent, message, cancellationToken),
                (output, piece) =>
                {
                    if (ToJson(request.Id, piece) is { IsEmpty: false } json)
                    {
                        SseWriter.Write(output, json.Span);
                    }
                },
                (output, refusal) => SseWriter.Write(output, JsonRpcAnswer.Error(request.Id, refusal).Span));
        }
        else
        {
            var answer = await desk.UntilStoppingAsync(context, cancellationToken => calls.AskAsync(caller, agent, message, cancellationToken));
            await A2aBodies.WriteAsync(context, ToJson(request.Id, answer));
        }
    }

    private static ReadOnlyMemory<byte> ToJson(string id, SeedPiece piece) => piece switch
    {
        SeedPiece.Delta delta => SeedAnswer.Delta(id, delta.Text),
        SeedPiece.Whole whole => SeedAnswer.Whole(id, whole.Text, whole.Metadata),
        _ => default,
    };
}

/// <summary>What becomes of a call of the method <c>message</c>, in order. The last one is the whole answer.</summary>
internal abstract record SeedPiece
{
    private SeedPiece()
    {
    }

    /// <summary>The agent has the message.</summary>
    public sealed record Begun : SeedPiece;

    /// <summary>The next characters of the answer.</summary>
    public sealed record Delta(string Text) : SeedPiece
    {
        /// <summary>The size alone: content stays out of logs.</summary>
        public override string ToString() => $"Delta({Text.Length} characters)";
    }

    /// <summary>The answer, and what the agent reports of it.</summary>
    public sealed record Whole(string Text, Struct Metadata) : SeedPiece
    {
        /// <summary>The size alone: content stays out of logs.</summary>
        public override string ToString() => $"Whole({Text.Length} characters)";
    }
}
