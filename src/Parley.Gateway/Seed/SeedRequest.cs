using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Seed;

/// <summary>The params of the seed's method <c>message</c>, on <c>/a2a</c> and <c>/a2a/stream</c>.</summary>
/// <param name="Content">The text.</param>
/// <param name="Context">What the caller tells beside it; reaches the responder as metadata.</param>
/// <param name="Agent">The agent that <c>agent_id</c>, or <c>agent</c>, names; empty for none. The seed's addresses name none, so that this has to.</param>
public sealed record SeedRequest(string Content, Struct? Context, string Agent = "")
{
    private static readonly string[] _agentNames = ["agent_id", "agent"];

    /// <summary>Reads the params.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> without a text, or with a context that is no object.</exception>
    public static SeedRequest Parse(ReadOnlySpan<byte> json, JsonLimits limits)
    {
        var members = JsonDialect.V1.Parse<Struct>(json, limits).Fields;
        if (!members.TryGetValue("content", out var content) || content.KindCase != Value.KindOneofCase.StringValue)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The content must be a text.") { Field = "params.content" };
        }

        var context = members.TryGetValue("context", out var given) ? given : null;
        return context is null || context.KindCase is Value.KindOneofCase.NullValue or Value.KindOneofCase.StructValue
            ? new SeedRequest(content.StringValue, context?.StructValue, AgentOf(members))
            : throw new ParleyException(ErrorCode.InvalidArgument, "The context must be an object.") { Field = "params.context" };
    }

    private static string AgentOf(MapField<string, Value> members)
    {
        var agent = string.Empty;
        foreach (var name in _agentNames)
        {
            if (!members.TryGetValue(name, out var given) || given.KindCase == Value.KindOneofCase.NullValue)
            {
                continue;
            }

            if (given.KindCase != Value.KindOneofCase.StringValue || (agent.Length > 0 && given.StringValue != agent))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "The agent is one name, as a text.") { Field = "params." + name };
            }

            agent = given.StringValue;
        }

        return agent;
    }

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"SeedRequest({Content.Length} characters)";
}
