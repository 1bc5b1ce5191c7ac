using System.Buffers;
using System.Text;
using System.Text.Json;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Writes one answer as a response: whole, or as the typed events of a stream.</summary>
/// <remarks>
/// A stream is: response.created, .in_progress; for the text output_item.added, content_part.added, output_text.delta ..., output_text.done, content_part.done, output_item.done; for each call of a
/// tool output_item.added, function_call_arguments.delta, .done, output_item.done; at last response.completed, .incomplete or .failed. Events are numbered from 0 and name themselves twice, as type and as SSE event.
/// </remarks>
/// <param name="id">The id behind <c>resp_</c> and the like.</param>
/// <param name="created">When it began, Unix seconds.</param>
/// <param name="request">What was asked.</param>
public sealed class ResponseWriter(string id, long created, ModelRequest request)
{
    private const string Completed = "completed";
    private const string InProgress = "in_progress";

    private readonly ArrayBufferWriter<byte> _event = new(1024);
    private long _number;
    private bool _hasBegun;
    private bool _hasText;

    /// <summary>The response's id.</summary>
    public string Id { get; } = "resp_" + id;

    private string MessageId => "msg_" + id;

    /// <summary>The response as one object.</summary>
    public byte[] ToWhole(ModelAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, AnswerMembers.Json))
        {
            WriteResponse(json, StatusOf(answer), answer, null);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>The first events.</summary>
    public void WriteBegin(IBufferWriter<byte> output)
    {
        if (_hasBegun)
        {
            return;
        }

        _hasBegun = true;
        WriteState(output, "response.created", InProgress, null, null);
        WriteState(output, "response.in_progress", InProgress, null, null);
    }

    /// <summary>The next characters.</summary>
    public void WriteText(IBufferWriter<byte> output, string text)
    {
        BeginText(output);
        WriteEvent(output, "response.output_text.delta", json =>
        {
            WritePlace(json);
            json.WriteString("delta", text);
            WriteEmpty(json, "logprobs");
        });
    }

    /// <summary>Everything that follows the text.</summary>
    public void WriteEnd(IBufferWriter<byte> output, ModelAnswer answer)
    {
        WriteBegin(output);
        if (HasMessage(answer))
        {
            EndText(output, answer.Text);
        }

        for (var index = 0; index < answer.ToolCalls.Count; index++)
        {
            WriteCallEvents(output, answer.ToolCalls[index], index, index + (HasMessage(answer) ? 1 : 0));
        }

        var status = StatusOf(answer);
        WriteState(output, "response." + status, status, answer, null);
    }

    /// <summary>The end of a stream that fails.</summary>
    public void WriteFailure(IBufferWriter<byte> output, ParleyException refusal)
    {
        WriteBegin(output);
        WriteState(output, "response.failed", "failed", null, refusal);
    }

    /// <summary>What a response that was deleted leaves.</summary>
    public static void WriteDeleted(IBufferWriter<byte> output, string id)
    {
        using var json = new Utf8JsonWriter(output, AnswerMembers.Json);
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", "response");
        json.WriteBoolean("deleted", true);
        json.WriteEndObject();
    }

    private void BeginText(IBufferWriter<byte> output)
    {
        WriteBegin(output);
        if (_hasText)
        {
            return;
        }

        _hasText = true;
        WriteEvent(output, "response.output_item.added", json =>
        {
            json.WriteNumber("output_index", 0);
            json.WritePropertyName("item");
            WriteMessage(json, InProgress, null);
        });
        WriteEvent(output, "response.content_part.added", json =>
        {
            WritePlace(json);
            json.WritePropertyName("part");
            WritePart(json, string.Empty);
        });
    }

    private void EndText(IBufferWriter<byte> output, string text)
    {
        BeginText(output);
        WriteEvent(output, "response.output_text.done", json =>
        {
            WritePlace(json);
            json.WriteString("text", text);
            WriteEmpty(json, "logprobs");
        });
        WriteEvent(output, "response.content_part.done", json =>
        {
            WritePlace(json);
            json.WritePropertyName("part");
            WritePart(json, text);
        });
        WriteEvent(output, "response.output_item.done", json =>
        {
            json.WriteNumber("output_index", 0);
            json.WritePropertyName("item");
            WriteMessage(json, Completed, text);
        });
    }

    private void WriteCallEvents(IBufferWriter<byte> output, ToolCall call, int index, int place)
    {
        WriteEvent(output, "response.output_item.added", json =>
        {
            json.WriteNumber("output_index", place);
            json.WritePropertyName("item");
            WriteCall(json, call with { Arguments = string.Empty }, index, InProgress);
        });
        WriteEvent(output, "response.function_call_arguments.delta", json =>
        {
            json.WriteString("item_id", CallId(index));
            json.WriteNumber("output_index", place);
            json.WriteString("delta", call.Arguments);
        });
        WriteEvent(output, "response.function_call_arguments.done", json =>
        {
            json.WriteString("item_id", CallId(index));
            json.WriteNumber("output_index", place);
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Arguments);
        });
        WriteEvent(output, "response.output_item.done", json =>
        {
            json.WriteNumber("output_index", place);
            json.WritePropertyName("item");
            WriteCall(json, call, index, Completed);
        });
    }

    private void WriteState(IBufferWriter<byte> output, string type, string status, ModelAnswer? answer, ParleyException? refusal) => WriteEvent(output, type, json =>
    {
        json.WritePropertyName("response");
        WriteResponse(json, status, answer, refusal);
    });

    private void WriteEvent(IBufferWriter<byte> output, string type, Action<Utf8JsonWriter> members)
    {
        _event.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_event, AnswerMembers.Json))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteNumber("sequence_number", _number++);
            members(json);
            json.WriteEndObject();
        }

        SseWriter.Write(output, _event.WrittenSpan, id: null, Encoding.ASCII.GetBytes(type));
    }

    private void WriteResponse(Utf8JsonWriter json, string status, ModelAnswer? answer, ParleyException? refusal)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", created);
        json.WriteString("status", status);
        WriteError(json, refusal);
        WriteIncomplete(json, answer);
        json.WriteString("instructions", request.Instructions);
        json.WriteString("model", request.Model);
        json.WriteStartArray("output");
        if (answer is not null)
        {
            WriteOutput(json, answer);
        }

        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls", true);
        json.WriteString("previous_response_id", request.PreviousResponse);
        json.WriteBoolean("store", request.Store != false);
        json.WriteNull("temperature");
        json.WriteString("tool_choice", "auto");
        WriteEmpty(json, "tools");
        json.WriteNull("top_p");
        AnswerMembers.WriteUsage(json, answer?.Usage, "input_tokens", "output_tokens");
        json.WriteStartObject("metadata");
        foreach (var (name, value) in request.Metadata)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        if (answer is not null)
        {
            AnswerMembers.WriteFiles(json, answer.Files);
        }

        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, ParleyException? refusal)
    {
        if (refusal is null)
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("code", OpenAiErrors.CodeOf(refusal));
        json.WriteString("message", refusal.Message);
        json.WriteEndObject();
    }

    private static void WriteIncomplete(Utf8JsonWriter json, ModelAnswer? answer)
    {
        if (answer?.Finish is not (ModelFinish.Length or ModelFinish.Refused))
        {
            json.WriteNull("incomplete_details");
            return;
        }

        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", answer.Finish == ModelFinish.Length ? "max_output_tokens" : "content_filter");
        json.WriteEndObject();
    }

    private void WriteOutput(Utf8JsonWriter json, ModelAnswer answer)
    {
        if (HasMessage(answer))
        {
            WriteMessage(json, Completed, answer.Text);
        }

        for (var index = 0; index < answer.ToolCalls.Count; index++)
        {
            WriteCall(json, answer.ToolCalls[index], index, Completed);
        }
    }

    private void WriteMessage(Utf8JsonWriter json, string status, string? text)
    {
        json.WriteStartObject();
        json.WriteString("id", MessageId);
        json.WriteString("type", "message");
        json.WriteString("status", status);
        json.WriteString("role", "assistant");
        json.WriteStartArray("content");
        if (text is not null)
        {
            WritePart(json, text);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "output_text");
        json.WriteString("text", text);
        WriteEmpty(json, "annotations");
        WriteEmpty(json, "logprobs");
        json.WriteEndObject();
    }

    private void WriteCall(Utf8JsonWriter json, ToolCall call, int index, string status)
    {
        json.WriteStartObject();
        json.WriteString("id", CallId(index));
        json.WriteString("type", "function_call");
        json.WriteString("status", status);
        json.WriteString("call_id", call.Id);
        json.WriteString("name", call.Name);
        json.WriteString("arguments", call.Arguments);
        json.WriteEndObject();
    }

    private void WritePlace(Utf8JsonWriter json)
    {
        json.WriteString("item_id", MessageId);
        json.WriteNumber("output_index", 0);
        json.WriteNumber("content_index", 0);
    }

    private static void WriteEmpty(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        json.WriteEndArray();
    }

    private string CallId(int index) => $"fc_{id}_{index}";

    // An answer that is nothing but calls has no message; one that is nothing at all has an empty one. What was streamed is in any case.
    private bool HasMessage(ModelAnswer answer) => _hasText || answer.Text.Length > 0 || answer.ToolCalls.Count == 0;

    private static string StatusOf(ModelAnswer answer) => answer.Finish is ModelFinish.Length or ModelFinish.Refused ? "incomplete" : Completed;
}
