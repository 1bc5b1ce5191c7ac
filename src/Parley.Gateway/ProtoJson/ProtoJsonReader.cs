using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Parley.Protocol.Errors;

namespace Parley.Gateway.ProtoJson;

/// <summary>JSON to messages: names in camelCase or snake_case, unknown members skipped, nulls as if absent, enums by name or number.</summary>
internal sealed class ProtoJsonReader(JsonDialect dialect)
{
    private readonly ScalarReader _scalars = new(dialect);

    /// <summary>Reads the value that the reader stands at.</summary>
    public IMessage Read(ref Utf8JsonReader reader, MessageDescriptor type)
    {
        var shape = dialect.Of(type);
        if (shape.Rule.UnionBy is { } discriminator)
        {
            return ReadUnion(ref reader, shape, discriminator);
        }

        var message = shape.Create();
        if (shape.Rule.IsTransparent)
        {
            ReadField(ref reader, shape.Fields[0], message);
        }
        else
        {
            ReadMembers(ref reader, shape, message);
        }

        return message;
    }

    private void ReadMembers(ref Utf8JsonReader reader, MessageShape shape, IMessage message)
    {
        Expect(ref reader, JsonTokenType.StartObject, shape.Name, "an object");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (shape.Find(ref reader) is { } field)
            {
                reader.Read();
                ReadField(ref reader, field, message);
            }
            else if (IsWrapper(ref reader, shape))
            {
                reader.Read();
                ReadMembers(ref reader, shape, message);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadField(ref Utf8JsonReader reader, FieldShape field, IMessage message)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            ReadNull(field, message);
            return;
        }

        if (field.Field.IsMap)
        {
            ReadMap(ref reader, field, (IDictionary)field.Accessor.GetValue(message));
        }
        else if (field.Field.IsRepeated)
        {
            ReadList(ref reader, field, (IList)field.Accessor.GetValue(message));
        }
        else
        {
            CheckAlternative(field, message);
            field.Accessor.SetValue(message, ReadOne(ref reader, field.Field, field.Label));
        }
    }

    // Null is absence, but for free JSON, where it is a value; there it gives way to another alternative, since some write all of them.
    private static void ReadNull(FieldShape field, IMessage message)
    {
        if (!field.Field.IsRepeated && field.Field.FieldType == FieldType.Message && field.Field.MessageType.FullName == Value.Descriptor.FullName &&
            (!field.IsAlternative || field.Field.RealContainingOneof.Accessor.GetCaseFieldDescriptor(message) is null))
        {
            field.Accessor.SetValue(message, Value.ForNull());
        }
    }

    private static void CheckAlternative(FieldShape field, IMessage message)
    {
        if (field.IsAlternative && field.Field.RealContainingOneof.Accessor.GetCaseFieldDescriptor(message) is { } set && set != field.Field &&
            set.Accessor.GetValue(message) is not Value { KindCase: Value.KindOneofCase.NullValue })
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"{field.Label}: only one of {field.Field.ContainingType.Name}'s alternatives may be given.") { Field = field.Label };
        }
    }

    private void ReadList(ref Utf8JsonReader reader, FieldShape field, IList items)
    {
        Expect(ref reader, JsonTokenType.StartArray, field.Label, "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadOne(ref reader, field.Field, field.Label));
        }
    }

    private void ReadMap(ref Utf8JsonReader reader, FieldShape field, IDictionary entries)
    {
        var valueField = field.Field.MessageType.Fields.InFieldNumberOrder()[1];
        Expect(ref reader, JsonTokenType.StartObject, field.Label, "an object");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = JsonText.Read(ref reader);
            reader.Read();
            entries[key] = ReadOne(ref reader, valueField, field.Label);
        }
    }

    private object ReadOne(ref Utf8JsonReader reader, FieldDescriptor field, string label)
    {
        if (field.FieldType != FieldType.Message)
        {
            return _scalars.Read(ref reader, field, label);
        }

        if (field.MessageType.FullName == Value.Descriptor.FullName)
        {
            return FreeJson.Read(ref reader);
        }

        if (field.MessageType.FullName == Timestamp.Descriptor.FullName)
        {
            return reader.TokenType == JsonTokenType.String && TimestampText.TryParse(JsonText.Read(ref reader), out var time)
                ? time
                : throw new ParleyException(ErrorCode.InvalidArgument, $"{label}: expected a time as RFC 3339 writes it.") { Field = label };
        }

        if (field.MessageType.FullName != Struct.Descriptor.FullName)
        {
            return Read(ref reader, field.MessageType);
        }

        Expect(ref reader, JsonTokenType.StartObject, label, "an object");
        return FreeJson.ReadObject(ref reader);
    }

    private IMessage ReadUnion(ref Utf8JsonReader reader, MessageShape shape, string discriminator)
    {
        Expect(ref reader, JsonTokenType.StartObject, shape.Name, "an object");
        var peek = reader;
        var value = Discriminator(ref peek, discriminator);
        var field = shape.Fields.FirstOrDefault(field => dialect.Of(field.Field.MessageType).Rule.Constant is { } constant && constant.Value == value)
            ?? throw new ParleyException(ErrorCode.InvalidArgument, $"{shape.Name}.{discriminator}: expected one of the known values.") { Field = $"{shape.Name}.{discriminator}" };
        var message = shape.Create();
        field.Accessor.SetValue(message, Read(ref reader, field.Field.MessageType));
        return message;
    }

    private static string? Discriminator(ref Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.String)
            {
                return JsonText.Read(ref reader);
            }

            reader.Skip();
        }

        return null;
    }

    private static bool IsWrapper(ref Utf8JsonReader reader, MessageShape shape)
    {
        foreach (var wrapper in shape.Rule.Wrappers)
        {
            if (reader.ValueTextEquals(wrapper))
            {
                return true;
            }
        }

        return false;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string label, string what)
    {
        if (reader.TokenType != token)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"{label}: expected {what}.") { Field = label };
        }
    }
}
