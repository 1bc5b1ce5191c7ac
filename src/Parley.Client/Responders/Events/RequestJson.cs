using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.OpenAi;
using Parley.Gateway.ProtoJson;

namespace Parley.Client.Responders.Events;

/// <summary>Writes a message as the JSON request of the events protocol and of HTTP responders: docs/protocol/responder-events.md.</summary>
internal static class RequestJson
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>For a child process: files are paths. One line with its line break.</summary>
    public static ReadOnlyMemory<byte> ForProcess(ResponderRequest request, RequestPaths paths)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, request, paths);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>For a server: files are inline, as base64.</summary>
    public static ReadOnlyMemory<byte> ForServer(ResponderRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, request, paths: null);
        return buffer.WrittenMemory;
    }

    private static void Write(ArrayBufferWriter<byte> buffer, ResponderRequest request, RequestPaths? paths)
    {
        using var json = new Utf8JsonWriter(buffer, _options);
        var isFile = RequestPart.ContentIsFile(request);
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteString("id", request.Id);
        json.WriteString("from", request.From);
        json.WriteString("thread", request.Thread);
        json.WriteString("type", MessageTypeName.Of(request.Type));
        json.WriteString("text", isFile ? default : request.Content.Bytes.Span);
        if (isFile && paths?.Content is { } path)
        {
            json.WriteString("file", path);
        }

        json.WriteStartArray("parts");
        foreach (var part in RequestPart.Of(request))
        {
            WritePart(json, part, paths);
        }

        json.WriteEndArray();
        json.WriteStartObject("meta");
        foreach (var (key, value) in request.Meta)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        WriteTurns(json, "history", request.History);
        WriteTurns(json, "news", request.News);
        if (request.Tools is { } tools)
        {
            json.WritePropertyName("tools");
            WriteTools(json, tools.Bytes);
        }

        if (request.TaskId is { } task)
        {
            json.WriteString("task", task);
        }

        WriteA2a(json, request);

        if (paths is not null)
        {
            json.WriteString("out", paths.Output);
        }

        json.WriteEndObject();
    }

    private static void WriteA2a(Utf8JsonWriter json, ResponderRequest request)
    {
        if (request.A2a is not { } message)
        {
            return;
        }

        WriteMetadata(json, message.Metadata);
        WriteList(json, "extensions", message.Extensions);
        WriteList(json, "references", message.ReferenceTaskIds);
    }

    private static void WriteList(Utf8JsonWriter json, string name, RepeatedField<string> values)
    {
        if (values.Count > 0)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteMetadata(Utf8JsonWriter json, Struct? metadata)
    {
        if (metadata is not null)
        {
            json.WritePropertyName("metadata");
            JsonDialect.V1.Write(json, metadata);
        }
    }

    private static void WritePart(Utf8JsonWriter json, RequestPart part, RequestPaths? paths)
    {
        json.WriteStartObject();
        switch (part)
        {
            case RequestPart.Words words:
                json.WriteString("text", words.Text);
                break;
            case RequestPart.Attached { Index: RequestPart.Content } content:
                WriteFile(json, content.File, paths?.Content);
                break;
            case RequestPart.Attached attached:
                WriteFile(json, attached.File, paths?.Attachments[attached.Index]);
                break;
            case RequestPart.Link link:
                json.WriteString("url", link.Url);
                WriteUnlessEmpty(json, "name", link.Name);
                WriteUnlessEmpty(json, "media_type", link.MediaType);
                break;
            case RequestPart.Data data:
                json.WritePropertyName("data");
                JsonDialect.V1.Write(json, data.Json);
                break;
        }

        WriteMetadata(json, part.Metadata);
        json.WriteEndObject();
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteFile(Utf8JsonWriter json, ResponderFile file, string? path)
    {
        json.WriteStartObject("file");
        json.WriteString("name", SafeFileName.From(file.Name));
        json.WriteNumber("size", file.Content.Length);
        if (file.MediaType is { Length: > 0 } mediaType)
        {
            json.WriteString("media_type", mediaType);
        }

        if (path is null)
        {
            json.WriteBase64String("base64", file.Content.Bytes.Span);
        }
        else
        {
            json.WriteString("path", path);
        }

        json.WriteEndObject();
    }

    // A sender's word: what is no list of functions is refused before a program sees it.
    private static void WriteTools(Utf8JsonWriter json, ReadOnlyMemory<byte> tools)
    {
        json.WriteStartArray();
        foreach (var (_, definition) in ChatTools.Read(tools))
        {
            definition.WriteTo(json);
        }

        json.WriteEndArray();
    }

    private static void WriteTurns(Utf8JsonWriter json, string name, IReadOnlyList<ResponderTurn>? turns)
    {
        if (turns is null)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var turn in turns)
        {
            json.WriteStartObject();
            json.WriteString("role", turn.Role switch { TurnRole.Agent => "agent", TurnRole.System => "system", TurnRole.Tool => "tool", _ => "user" });
            json.WriteString("text", turn.Text);
            WriteUnlessEmpty(json, "tool_call", turn.ToolCall);
            if (turn.ToolCalls.Count > 0)
            {
                json.WritePropertyName("tool_calls");
                JsonSerializer.Serialize(json, [.. turn.ToolCalls.Select(call => call.ToWire())], OpenAiJson.Wire.IReadOnlyListChatToolCall);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

/// <summary>Where a child process finds the files of its message.</summary>
/// <param name="Content">The content as a file, when it is one.</param>
/// <param name="Attachments">The attachments, in the order of the message.</param>
/// <param name="Output">Folder whose files come back.</param>
internal sealed record RequestPaths(string? Content, IReadOnlyList<string> Attachments, string Output);
