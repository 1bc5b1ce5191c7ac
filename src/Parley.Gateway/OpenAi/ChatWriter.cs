using System.Buffers;
using System.Text.Json;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Writes one answer as a chat completion: whole, or as the chunks of a stream.</summary>
/// <remarks>
/// A stream is: a chunk with the role, chunks with text, one with calls of tools if there are any, one with the reason of the end, one with the usage if it was asked for and is known,
/// <c>[DONE]</c>. All have the same id and creation time. With usage asked for, the others say <c>"usage":null</c>.
/// </remarks>
/// <param name="id">The completion's id.</param>
/// <param name="created">When it began, Unix seconds.</param>
/// <param name="model">The model as the caller named it.</param>
/// <param name="includesUsage">A stream ends with its usage.</param>
public sealed class ChatWriter(string id, long created, string model, bool includesUsage)
{
    private readonly ArrayBufferWriter<byte> _chunk = new(512);

    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    /// <summary>The first chunk.</summary>
    public void WriteRole(IBufferWriter<byte> output) => WriteChunk(output, null, json =>
    {
        json.WriteString("role", "assistant");
        json.WriteString("content", string.Empty);
        json.WriteNull("refusal");
    });

    /// <summary>The next characters.</summary>
    public void WriteText(IBufferWriter<byte> output, string text) => WriteChunk(output, null, json => json.WriteString("content", text));

    /// <summary>Everything that follows the text.</summary>
    public void WriteEnd(IBufferWriter<byte> output, ModelAnswer answer)
    {
        if (answer.ToolCalls.Count > 0)
        {
            WriteChunk(output, null, json => WriteToolCalls(json, answer.ToolCalls, isChunk: true));
        }

        WriteChunk(output, FinishOf(answer.Finish), json => AnswerMembers.WriteFiles(json, answer.Files), answer.Fingerprint);
        if (includesUsage && answer.Usage is not null)
        {
            Write(output, json =>
            {
                WriteHead(json, "chat.completion.chunk", answer.Fingerprint);
                json.WriteStartArray("choices");
                json.WriteEndArray();
                AnswerMembers.WriteUsage(json, answer.Usage, "prompt_tokens", "completion_tokens");
            });
        }

        SseWriter.Write(output, Done);
    }

    /// <summary>The answer as one object.</summary>
    public void WriteWhole(IBufferWriter<byte> output, ModelAnswer answer)
    {
        using var json = new Utf8JsonWriter(output, AnswerMembers.Json);
        json.WriteStartObject();
        WriteHead(json, "chat.completion", answer.Fingerprint);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", answer.Text.Length == 0 && answer.ToolCalls.Count > 0 ? null : answer.Text);
        json.WriteNull("refusal");
        if (answer.ToolCalls.Count > 0)
        {
            WriteToolCalls(json, answer.ToolCalls, isChunk: false);
        }

        AnswerMembers.WriteFiles(json, answer.Files);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", FinishOf(answer.Finish));
        json.WriteEndObject();
        json.WriteEndArray();
        if (answer.Usage is not null)
        {
            AnswerMembers.WriteUsage(json, answer.Usage, "prompt_tokens", "completion_tokens");
        }

        json.WriteEndObject();
    }

    /// <summary>The end of a stream that fails.</summary>
    public static void WriteFailure(IBufferWriter<byte> output, ParleyException refusal)
    {
        var body = new ArrayBufferWriter<byte>();
        OpenAiErrors.Write(body, refusal);
        SseWriter.Write(output, body.WrittenSpan);
        SseWriter.Write(output, Done);
    }

    private void WriteChunk(IBufferWriter<byte> output, string? finish, Action<Utf8JsonWriter> delta, string? fingerprint = null) => Write(output, json =>
    {
        WriteHead(json, "chat.completion.chunk", fingerprint);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        delta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finish);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includesUsage)
        {
            json.WriteNull("usage");
        }
    });

    private void Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> members)
    {
        _chunk.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_chunk, AnswerMembers.Json))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        SseWriter.Write(output, _chunk.WrittenSpan);
    }

    private void WriteHead(Utf8JsonWriter json, string kind, string? fingerprint)
    {
        json.WriteString("id", id);
        json.WriteString("object", kind);
        json.WriteNumber("created", created);
        json.WriteString("model", model);
        if (fingerprint is not null)
        {
            json.WriteString("system_fingerprint", fingerprint);
        }
    }

    private static void WriteToolCalls(Utf8JsonWriter json, IReadOnlyList<ToolCall> calls, bool isChunk)
    {
        json.WriteStartArray("tool_calls");
        for (var index = 0; index < calls.Count; index++)
        {
            json.WriteStartObject();
            if (isChunk)
            {
                json.WriteNumber("index", index);
            }

            json.WriteString("id", calls[index].Id);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", calls[index].Name);
            json.WriteString("arguments", calls[index].Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string FinishOf(ModelFinish finish) => finish switch
    {
        ModelFinish.Length => "length",
        ModelFinish.Refused => "content_filter",
        ModelFinish.ToolCalls => "tool_calls",
        _ => "stop",
    };
}
