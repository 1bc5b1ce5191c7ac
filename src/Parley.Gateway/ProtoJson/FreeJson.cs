using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Parley.Protocol.Errors;

namespace Parley.Gateway.ProtoJson;

/// <summary>Free JSON inside messages: Struct, ListValue and Value.</summary>
/// <remarks>Numbers are doubles there, so integers beyond 2^53 lose digits: the format's own limit.</remarks>
internal static class FreeJson
{
    // Beyond this a double has no fraction and not every integer either; it is written with an exponent instead.
    private const double MaxExactInteger = 9_007_199_254_740_992;

    public static Value Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => Value.ForNull(),
        JsonTokenType.True => Value.ForBool(true),
        JsonTokenType.False => Value.ForBool(false),
        JsonTokenType.String => Value.ForString(JsonText.Read(ref reader)),
        JsonTokenType.Number => reader.TryGetDouble(out var number) && double.IsFinite(number)
            ? Value.ForNumber(number)
            : throw new ParleyException(ErrorCode.InvalidArgument, "A number is too large."),
        JsonTokenType.StartObject => new Value { StructValue = ReadObject(ref reader) },
        _ => new Value { ListValue = ReadList(ref reader) },
    };

    public static Struct ReadObject(ref Utf8JsonReader reader)
    {
        var result = new Struct();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = JsonText.Read(ref reader);
            reader.Read();
            result.Fields[name] = Read(ref reader);
        }

        return result;
    }

    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StringValue:
                writer.WriteStringValue(value.StringValue);
                break;
            case Value.KindOneofCase.NumberValue:
                WriteNumber(writer, value.NumberValue);
                break;
            case Value.KindOneofCase.BoolValue:
                writer.WriteBooleanValue(value.BoolValue);
                break;
            case Value.KindOneofCase.StructValue:
                WriteObject(writer, value.StructValue);
                break;
            case Value.KindOneofCase.ListValue:
                writer.WriteStartArray();
                foreach (var item in value.ListValue.Values)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    public static void WriteObject(Utf8JsonWriter writer, Struct value)
    {
        writer.WriteStartObject();
        foreach (var (name, item) in value.Fields)
        {
            writer.WritePropertyName(name);
            Write(writer, item);
        }

        writer.WriteEndObject();
    }

    private static ListValue ReadList(ref Utf8JsonReader reader)
    {
        var result = new ListValue();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            result.Values.Add(Read(ref reader));
        }

        return result;
    }

    // JSON knows no infinity: what cannot be said is null. Whole numbers are written without an exponent, as JavaScript does.
    private static void WriteNumber(Utf8JsonWriter writer, double number)
    {
        if (!double.IsFinite(number))
        {
            writer.WriteNullValue();
        }
        else if (number == Math.Floor(number) && Math.Abs(number) <= MaxExactInteger)
        {
            writer.WriteNumberValue((long)number);
        }
        else
        {
            writer.WriteNumberValue(number);
        }
    }
}
