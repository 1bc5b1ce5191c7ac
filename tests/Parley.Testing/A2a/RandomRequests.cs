using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Parley.Testing.A2a;

/// <summary>Messages of any type, made from a seed by what their schema allows: any field may be missing, any text may be odd.</summary>
internal static class RandomRequests
{
    private const int MaxDepth = 6;

    private static readonly string[] _texts =
        ["", "t-1", "bob", "acme.bob", "umbrella.bob", "nobody", "é\u0301", "\"\\\n\u0000", "\ud83d\ude00", "../../etc/passwd", "tasks/1", "<script>", "0", "null", new('x', 300)];

    /// <summary>A message of a type.</summary>
    public static IMessage Of(MessageDescriptor type, Random random) => Of(type, random, MaxDepth);

    private static IMessage Of(MessageDescriptor type, Random random, int depth)
    {
        if (type == Value.Descriptor)
        {
            return Json(random, depth);
        }

        var message = type.Parser.ParseFrom(ByteString.Empty);
        if (type == Timestamp.Descriptor)
        {
            return new Timestamp { Seconds = random.NextInt64(-62_135_596_800, 253_402_300_800), Nanos = random.Next(1_000_000_000) };
        }

        foreach (var field in type.Fields.InFieldNumberOrder().Where(_ => random.Next(3) > 0))
        {
            Set(message, field, random, depth);
        }

        return message;
    }

    private static void Set(IMessage message, FieldDescriptor field, Random random, int depth)
    {
        if (field.FieldType == FieldType.Message && depth == 0)
        {
            return;
        }

        if (field.IsMap)
        {
            var entries = (IDictionary)field.Accessor.GetValue(message);
            var value = field.MessageType.Fields.InFieldNumberOrder()[1];
            if (value.FieldType != FieldType.Message || value.MessageType == Value.Descriptor)
            {
                entries[_texts[random.Next(_texts.Length)] + "k"] = One(value, random, depth - 1);
            }
        }
        else if (field.IsRepeated)
        {
            var items = (IList)field.Accessor.GetValue(message);
            for (var count = random.Next(3); count > 0; count--)
            {
                items.Add(One(field, random, depth - 1));
            }
        }
        else
        {
            field.Accessor.SetValue(message, One(field, random, depth - 1));
        }
    }

    private static object One(FieldDescriptor field, Random random, int depth) => field.FieldType switch
    {
        FieldType.String => _texts[random.Next(_texts.Length)],
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 => random.Next(4) switch { 0 => 0, 1 => -1, 2 => int.MaxValue, _ => random.Next(200) },
        FieldType.Enum => random.Next(12),
        FieldType.Bytes => ByteString.CopyFrom(Fuzz.Bytes(random, 20)),
        FieldType.Message => Of(field.MessageType, random, Math.Max(depth, 0)),
        _ => throw new InvalidOperationException(field.FullName),
    };

    private static Value Json(Random random, int depth) => random.Next(depth > 0 ? 6 : 4) switch
    {
        0 => Value.ForNull(),
        1 => Value.ForBool(random.Next(2) == 0),
        2 => Value.ForNumber(random.Next(3) switch { 0 => random.Next(), 1 => random.NextDouble() * 1e300, _ => -random.NextDouble() }),
        3 => Value.ForString(_texts[random.Next(_texts.Length)]),
        4 => Value.ForList(Json(random, depth - 1), Json(random, depth - 1)),
        _ => Value.ForStruct(new Struct { Fields = { ["a"] = Json(random, depth - 1) } }),
    };
}
