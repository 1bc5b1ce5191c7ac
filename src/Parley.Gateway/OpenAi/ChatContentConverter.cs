using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Gateway.OpenAi;

/// <summary>Writes contents as OpenAI takes them; reads a text, or the texts of a list.</summary>
internal sealed class ChatContentConverter : JsonConverter<ChatContent>
{
    /// <inheritdoc/>
    public override ChatContent? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.StartArray:
                // Some servers answer with parts.
                using (var document = JsonDocument.ParseValue(ref reader))
                {
                    return new ChatContent([.. document.RootElement.EnumerateArray().Select(WordsOf).OfType<ChatPart>()]);
                }

            default:
                throw new JsonException();
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ChatContent value, JsonSerializerOptions options)
    {
        if (value.Parts is [ChatPart.Words only])
        {
            writer.WriteStringValue(only.Text);
            return;
        }

        writer.WriteStartArray();
        foreach (var part in value.Parts)
        {
            writer.WriteStartObject();
            switch (part)
            {
                case ChatPart.Words words:
                    writer.WriteString("type", "text");
                    writer.WriteString("text", words.Text);
                    break;
                case ChatPart.Image image:
                    writer.WriteString("type", "image_url");
                    writer.WriteStartObject("image_url");
                    WriteAddress(writer, image);
                    writer.WriteEndObject();
                    break;
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static ChatPart.Words? WordsOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? new ChatPart.Words(text.GetString()!) : null;

    private static void WriteAddress(Utf8JsonWriter writer, ChatPart.Image image)
    {
        if (image.Url is { } url)
        {
            writer.WriteString("url", url);
            return;
        }

        // A data URL in one piece, without the detour over a text of UTF-16.
        var head = Encoding.ASCII.GetBytes($"data:{image.MediaType};base64,");
        var length = head.Length + Base64.GetMaxEncodedToUtf8Length(image.Data.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            head.CopyTo(buffer, 0);
            Base64.EncodeToUtf8(image.Data.Span, buffer.AsSpan(head.Length), out _, out var written);
            writer.WriteString("url", buffer.AsSpan(0, head.Length + written));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
