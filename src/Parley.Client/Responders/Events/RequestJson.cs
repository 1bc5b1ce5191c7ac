using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Parley.Protocol.Wire;

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

    /// <summary>True when the content goes as a file: by its type, or because it is not text.</summary>
    public static bool ContentIsFile(ResponderRequest request) =>
        request.Type == MessageType.File || !Utf8.IsValid(request.Content.Bytes.Span);

    private static void Write(ArrayBufferWriter<byte> buffer, ResponderRequest request, RequestPaths? paths)
    {
        using var json = new Utf8JsonWriter(buffer, _options);
        var isFile = ContentIsFile(request);
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
        WriteParts(json, request, paths, isFile);
        json.WriteEndArray();
        json.WriteStartObject("meta");
        foreach (var (key, value) in request.Meta)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        if (request.History is { } history)
        {
            WriteHistory(json, history);
        }

        if (request.TaskId is { } task)
        {
            json.WriteString("task", task);
        }

        if (paths is not null)
        {
            json.WriteString("out", paths.Output);
        }

        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, ResponderRequest request, RequestPaths? paths, bool isFile)
    {
        if (isFile)
        {
            WriteFile(json, new ResponderFile(request.FileName ?? "content", request.Content, request.MediaType), paths?.Content);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("text", request.Content.Bytes.Span);
            json.WriteEndObject();
        }

        for (var index = 0; index < request.Files.Count; index++)
        {
            WriteFile(json, request.Files[index], paths?.Attachments[index]);
        }
    }

    private static void WriteFile(Utf8JsonWriter json, ResponderFile file, string? path)
    {
        json.WriteStartObject();
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
        json.WriteEndObject();
    }

    private static void WriteHistory(Utf8JsonWriter json, IReadOnlyList<ResponderTurn> history)
    {
        json.WriteStartArray("history");
        foreach (var turn in history)
        {
            json.WriteStartObject();
            json.WriteString("role", turn.FromAgent ? "agent" : "user");
            json.WriteString("text", turn.Text);
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
