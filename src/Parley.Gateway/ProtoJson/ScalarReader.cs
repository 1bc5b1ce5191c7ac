using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Parley.Protocol.Errors;

namespace Parley.Gateway.ProtoJson;

/// <summary>Strings, numbers, flags, bytes and enums, out of JSON or out of the text of a query.</summary>
internal sealed class ScalarReader(JsonDialect dialect)
{
    /// <summary>The value that the reader stands at, for the field.</summary>
    public object Read(ref Utf8JsonReader reader, FieldDescriptor field, string label) => (field.FieldType, reader.TokenType) switch
    {
        (FieldType.Bool, JsonTokenType.True) => true,
        (FieldType.Bool, JsonTokenType.False) => false,
        (FieldType.Bool, _) => throw Refusal(label, "true or false"),
        (FieldType.Int32, JsonTokenType.Number) or (FieldType.Enum, JsonTokenType.Number) =>
            reader.TryGetDouble(out var number) && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : throw Refusal(label, "a 32-bit integer"),
        (_, JsonTokenType.String) => FromText(JsonText.Read(ref reader), field, label),
        _ => throw Refusal(label, field.FieldType is FieldType.Int32 ? "a 32-bit integer" : "a string"),
    };

    /// <summary>The value that a text means for the field.</summary>
    public object FromText(string text, FieldDescriptor field, string label) => field.FieldType switch
    {
        FieldType.String => text,
        FieldType.Bytes => JsonText.TryBase64(text, out var bytes) ? ByteString.CopyFrom(bytes) : throw Refusal(label, "base64"),
        FieldType.Enum => dialect.Of(field.EnumType).TryNumber(text, out var number) || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            ? number
            : throw Refusal(label, "a known name"),
        FieldType.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Refusal(label, "a 32-bit integer"),
        FieldType.Bool => text switch { "true" => true, "false" => false, _ => throw Refusal(label, "true or false") },
        _ => throw Refusal(label, "another type"),
    };

    private static ParleyException Refusal(string label, string what) => new(ErrorCode.InvalidArgument, $"{label}: expected {what}.") { Field = label };
}
