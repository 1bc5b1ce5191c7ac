using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.JsonRpc;
using Parley.Gateway.ProtoJson;

namespace Parley.Gateway.Seed;

/// <summary>Answers of the seed's dialect: <c>{"content": ..., "metadata": {...}}</c>, and deltas of a stream before it.</summary>
public static class SeedAnswer
{
    /// <summary>The whole answer; on a stream its last event.</summary>
    /// <param name="id">The request's id, as JSON.</param>
    /// <param name="content">The text.</param>
    /// <param name="metadata">What the agent reports: model, tokens_used, or anything else.</param>
    public static ReadOnlyMemory<byte> Whole(string id, string content, Struct metadata) => JsonRpcAnswer.Result(id, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("content", content);
        writer.WritePropertyName("metadata");
        JsonDialect.V1.Write(writer, metadata);
        writer.WriteEndObject();
    });

    /// <summary>The next piece of a streamed answer.</summary>
    public static ReadOnlyMemory<byte> Delta(string id, string content) => JsonRpcAnswer.Result(id, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("delta");
        writer.WriteString("content", content);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
