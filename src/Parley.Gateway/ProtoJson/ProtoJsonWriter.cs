using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Parley.Gateway.ProtoJson;

/// <summary>Messages to JSON: no nulls, no defaults but those that a rule wants, enums by name, bytes in base64, times with <c>Z</c>.</summary>
internal sealed class ProtoJsonWriter(JsonDialect dialect)
{
    public void Write(Utf8JsonWriter writer, IMessage message)
    {
        switch (message)
        {
            case Struct json:
                FreeJson.WriteObject(writer, json);
                return;
            case Value json:
                FreeJson.Write(writer, json);
                return;
            case Timestamp time:
                writer.WriteStringValue(TimestampText.Format(time) ?? TimestampText.Format(new Timestamp()));
                return;
        }

        var shape = dialect.Of(message.Descriptor);
        if (shape.Rule.IsTransparent)
        {
            WriteValue(writer, shape.Fields[0], shape.Fields[0].Accessor.GetValue(message));
        }
        else if (shape.Rule.UnionBy is not null && shape.CaseOf(message) is { } set)
        {
            Write(writer, (IMessage)set.Accessor.GetValue(message));
        }
        else
        {
            WriteObject(writer, shape, message);
        }
    }

    private void WriteObject(Utf8JsonWriter writer, MessageShape shape, IMessage message)
    {
        writer.WriteStartObject();
        if (shape.Rule.Constant is { } constant)
        {
            writer.WriteString(constant.Key, constant.Value);
        }

        if (shape.Rule.CaseName is { } name && shape.CaseOf(message) is { } set)
        {
            writer.WriteString(name, set.Name);
        }

        foreach (var field in shape.Fields)
        {
            var value = field.Accessor.GetValue(message);
            if (field.IsWritten(message, value))
            {
                writer.WritePropertyName(field.Name);
                WriteValue(writer, field, value);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteValue(Utf8JsonWriter writer, FieldShape field, object? value)
    {
        if (field.Field.IsMap)
        {
            var valueField = field.Field.MessageType.Fields.InFieldNumberOrder()[1];
            writer.WriteStartObject();
            foreach (DictionaryEntry entry in (IDictionary)value!)
            {
                writer.WritePropertyName((string)entry.Key);
                WriteOne(writer, valueField, entry.Value);
            }

            writer.WriteEndObject();
        }
        else if (field.Field.IsRepeated)
        {
            writer.WriteStartArray();
            foreach (var item in (IList)value!)
            {
                WriteOne(writer, field.Field, item);
            }

            writer.WriteEndArray();
        }
        else
        {
            WriteOne(writer, field.Field, value);
        }
    }

    private void WriteOne(Utf8JsonWriter writer, FieldDescriptor field, object? value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case ByteString bytes:
                writer.WriteBase64StringValue(bytes.Span);
                break;
            case IMessage message:
                Write(writer, message);
                break;
            case null:
                writer.WriteStartObject();
                writer.WriteEndObject();
                break;
            default:
                WriteNumber(writer, field, Convert.ToInt32(value));
                break;
        }
    }

    private void WriteNumber(Utf8JsonWriter writer, FieldDescriptor field, int number)
    {
        if (field.FieldType == FieldType.Enum && dialect.Of(field.EnumType).NameOf(number) is { } name)
        {
            writer.WriteStringValue(name);
        }
        else
        {
            writer.WriteNumberValue(number);
        }
    }
}
