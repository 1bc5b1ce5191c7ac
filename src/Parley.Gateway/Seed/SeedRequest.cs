using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Seed;

/// <summary>The params of the seed's method <c>message</c>, on <c>/a2a</c> and <c>/a2a/stream</c>.</summary>
/// <param name="Content">The text.</param>
/// <param name="Context">What the caller tells beside it; reaches the responder as metadata.</param>
public sealed record SeedRequest(string Content, Struct? Context)
{
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
            ? new SeedRequest(content.StringValue, context?.StructValue)
            : throw new ParleyException(ErrorCode.InvalidArgument, "The context must be an object.") { Field = "params.context" };
    }

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"SeedRequest({Content.Length} characters)";
}
