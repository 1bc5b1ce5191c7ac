using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>JSON that the a2a commands print; generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SendJson))]
[JsonSerializable(typeof(ReceivedJson))]
internal sealed partial class A2aJson : JsonSerializerContext
{
    private static A2aJson? _compact;

    /// <summary>Text goes to machines: escape what JSON needs and control characters, nothing more.</summary>
    public static A2aJson Compact => _compact ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>What <c>a2a send --json</c> prints.</summary>
internal sealed record SendJson(
    string Id, string Status, string From, ReplyJson? Reply, ErrorJson? Error, IReadOnlyList<ReceiptJson> Receipts, long ElapsedMs)
{
    /// <summary>The JSON form of a result.</summary>
    public static SendJson Of(SendResult result) => new(
        result.Id,
        result.Status.ToString().ToLowerInvariant(),
        result.Target,
        result.Reply is { } reply ? ReplyJson.Of(reply) : null,
        result.Error is { } error ? new ErrorJson(error.Row.WireName, error.Message) : null,
        [.. result.Receipts.Select(ReceiptJson.Of)],
        (long)result.Elapsed.TotalMilliseconds);
}

/// <summary>An answer.</summary>
internal sealed record ReplyJson(
    string Type, string State, string? Text, string? Stdout, string? Stderr, int? ExitCode, bool? Truncated, ErrorJson? Error,
    IReadOnlyDictionary<string, string>? Meta, IReadOnlyList<FileJson> Files)
{
    /// <summary>The JSON form of a reply.</summary>
    public static ReplyJson Of(Reply reply)
    {
        var isCommand = reply.Type == MessageType.Command;
        var content = Texts.Of(reply.Content);
        return new ReplyJson(
            isCommand ? "command" : "text",
            reply.State.ToString().ToLowerInvariant(),
            isCommand ? null : content,
            isCommand ? content : null,
            isCommand ? Texts.Of(reply.Stderr) : null,
            reply.HasExitCode ? reply.ExitCode : null,
            reply.Truncated ? true : null,
            reply.ErrorCode.Length > 0 ? new ErrorJson(reply.ErrorCode, reply.ErrorMessage) : null,
            reply.Meta.Count > 0 ? new Dictionary<string, string>(reply.Meta) : null,
            [.. reply.Files.Select(file => new FileJson(file.Name, file.Content.Length))]);
    }
}

/// <summary>An error by its wire name.</summary>
internal sealed record ErrorJson(string Code, string Message);

/// <summary>A file of an answer.</summary>
internal sealed record FileJson(string Name, int Bytes);

/// <summary>One receipt.</summary>
internal sealed record ReceiptJson(string State, DateTimeOffset At, string? Code, string? Message)
{
    /// <summary>The JSON form of a receipt.</summary>
    public static ReceiptJson Of(Receipt receipt) => new(
        receipt.State.ToString().ToLowerInvariant(),
        DateTimeOffset.FromUnixTimeMilliseconds(receipt.AtMs),
        receipt.Code.Length > 0 ? receipt.Code : null,
        receipt.Message.Length > 0 ? receipt.Message : null);
}

/// <summary>One envelope, as <c>a2a listen --json</c> prints it.</summary>
internal sealed record ReceivedJson(
    string Id, string From, string Thread, string Type, string? Text, string? File, int Bytes, IReadOnlyDictionary<string, string>? Meta, ReplyJson? Reply)
{
    /// <summary>The JSON form of a message.</summary>
    public static ReceivedJson Of(ResponderRequest request, string? savedAs, Reply? reply) => new(
        request.Id,
        request.From,
        request.Thread,
        request.Type.ToString().ToLowerInvariant(),
        savedAs is null ? Texts.Of(ByteString.CopyFrom(request.Content.Bytes.Span)) : null,
        savedAs,
        request.Content.Length,
        request.Meta.Count > 0 ? request.Meta : null,
        reply is null ? null : ReplyJson.Of(reply));
}

/// <summary>Bytes as text for JSON; what is not UTF-8 is replaced.</summary>
internal static class Texts
{
    /// <summary>The text.</summary>
    public static string Of(ByteString bytes) => bytes.ToStringUtf8();
}
