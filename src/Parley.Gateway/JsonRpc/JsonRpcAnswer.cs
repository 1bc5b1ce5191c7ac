using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.JsonRpc;

/// <summary>Writes the answers of JSON-RPC 2.0, and each event of a stream, which is an answer too.</summary>
public static class JsonRpcAnswer
{
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A result that is one message.</summary>
    /// <param name="id">The request's id, as JSON.</param>
    /// <param name="dialect">How the message is written.</param>
    /// <param name="result">The message.</param>
    public static ReadOnlyMemory<byte> Result(string id, JsonDialect dialect, IMessage result) => Result(id, writer => dialect.Write(writer, result));

    /// <summary>A result that is several messages: 0.3 lists push configs so.</summary>
    public static ReadOnlyMemory<byte> Results(string id, JsonDialect dialect, IEnumerable<IMessage> results) => Result(id, writer =>
    {
        writer.WriteStartArray();
        foreach (var result in results)
        {
            dialect.Write(writer, result);
        }

        writer.WriteEndArray();
    });

    /// <summary>A result without content: deletions have it.</summary>
    public static ReadOnlyMemory<byte> Nothing(string id) => Result(id, writer => writer.WriteNullValue());

    /// <summary>A result of any form.</summary>
    /// <param name="id">The request's id, as JSON.</param>
    /// <param name="write">Writes one value.</param>
    public static ReadOnlyMemory<byte> Result(string id, Action<Utf8JsonWriter> write) => Write(id, "result", write);

    /// <summary>An error, with its reason as details.</summary>
    public static ReadOnlyMemory<byte> Error(string id, ParleyException refusal) => Write(id, "error", writer => A2aErrors.WriteJsonRpc(writer, refusal));

    private static ReadOnlyMemory<byte> Write(string id, string member, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WritePropertyName("id");
            writer.WriteRawValue(id, skipInputValidation: true);
            writer.WritePropertyName(member);
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
