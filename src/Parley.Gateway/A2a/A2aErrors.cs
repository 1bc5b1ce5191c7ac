using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Protocol.Wire.Rpc;

namespace Parley.Gateway.A2a;

/// <summary>A refusal as the bindings of A2A write it: JSON-RPC's data, REST's body, gRPC's status.</summary>
/// <remarks>Details are ErrorInfo, then BadRequest where a member is named, then RetryInfo where waiting helps; in JSON each as ProtoJSON of an Any.</remarks>
public static class A2aErrors
{
    private const string TypePrefix = "type.googleapis.com/google.rpc.";

    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes the list of details where the writer stands.</summary>
    public static void WriteDetails(Utf8JsonWriter writer, ParleyException refusal)
    {
        var row = A2aErrorRow.Of(refusal.Code);
        writer.WriteStartArray();
        writer.WriteStartObject();
        writer.WriteString("@type", TypePrefix + "ErrorInfo");
        writer.WriteString("reason", row.Reason);
        writer.WriteString("domain", row.Domain);
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (refusal.Field is { } field)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", TypePrefix + "BadRequest");
            writer.WriteStartArray("fieldViolations");
            writer.WriteStartObject();
            writer.WriteString("field", field);
            writer.WriteString("description", refusal.Message);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (refusal.RetryAfter is { } delay)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", TypePrefix + "RetryInfo");
            writer.WriteString("retryDelay", string.Create(CultureInfo.InvariantCulture, $"{delay.TotalSeconds:0.###}s"));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The body of a REST error, whose HTTP status is the row's.</summary>
    public static ReadOnlyMemory<byte> ToRest(ParleyException refusal)
    {
        var row = A2aErrorRow.Of(refusal.Code);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error");
            writer.WriteNumber("code", row.Http);
            writer.WriteString("status", StatusName(row.Grpc));
            writer.WriteString("message", refusal.Message);
            writer.WritePropertyName("details");
            WriteDetails(writer, refusal);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>The body of a REST error of 0.3, as its clients read it: the error of JSON-RPC.</summary>
    public static ReadOnlyMemory<byte> ToOldRest(ParleyException refusal)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            WriteJsonRpc(writer, refusal);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Writes the error object of JSON-RPC where the writer stands.</summary>
    public static void WriteJsonRpc(Utf8JsonWriter writer, ParleyException refusal)
    {
        writer.WriteStartObject();
        writer.WriteNumber("code", A2aErrorRow.Of(refusal.Code).JsonRpc);
        writer.WriteString("message", refusal.Message);
        writer.WritePropertyName("data");
        WriteDetails(writer, refusal);
        writer.WriteEndObject();
    }

    /// <summary>The status of a gRPC call, with its details.</summary>
    public static GrpcStatus ToGrpc(ParleyException refusal)
    {
        var row = A2aErrorRow.Of(refusal.Code);
        var status = new Status { Code = (int)row.Grpc, Message = refusal.Message };
        status.Details.Add(Any.Pack(new ErrorInfo { Reason = row.Reason, Domain = row.Domain }));
        if (refusal.Field is { } field)
        {
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = refusal.Message } } }));
        }

        if (refusal.RetryAfter is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        return new GrpcStatus(row.Grpc, refusal.Message) { Details = status.ToByteArray() };
    }

    /// <summary>The name of a status as google.rpc spells it: NOT_FOUND.</summary>
    public static string StatusName(GrpcStatusCode code) => code switch
    {
        GrpcStatusCode.OK => "OK",
        _ => string.Concat(code.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}")),
    };
}
