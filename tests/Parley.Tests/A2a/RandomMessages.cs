using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Tests.A2a;

/// <summary>Messages from a seed: any field may be missing, any text may be odd.</summary>
internal static class RandomMessages
{
    private static readonly string[] _texts = ["", "a", "é\u0301", "\"\\\n\u0000", "\ud83d\ude00", "<script>", "tasks/1", new('x', 300)];

    public static V1.Task Task(Random random) => new()
    {
        Id = Text(random),
        ContextId = Text(random),
        Status = new V1.TaskStatus { State = (TaskState)random.Next(9), Message = random.Next(2) == 0 ? Message(random) : null, Timestamp = Time(random) },
        Artifacts = { Many(random, Artifact) },
        History = { Many(random, Message) },
        Metadata = Metadata(random),
    };

    public static Message Message(Random random) => new()
    {
        MessageId = Text(random),
        ContextId = Text(random),
        TaskId = Text(random),
        Role = (Role)random.Next(3),
        Parts = { Many(random, Part) },
        Metadata = Metadata(random),
        Extensions = { Many(random, Text) },
        ReferenceTaskIds = { Many(random, Text) },
    };

    public static Part Part(Random random)
    {
        var part = new Part { Filename = Text(random), MediaType = Text(random), Metadata = Metadata(random) };
        switch (random.Next(4))
        {
            case 0:
                part.Text = Text(random);
                break;
            case 1:
                var bytes = new byte[random.Next(10)];
                random.NextBytes(bytes);
                part.Raw = ByteString.CopyFrom(bytes);
                break;
            case 2:
                part.Url = Text(random);
                break;
            default:
                part.Data = Json(random, 3);
                break;
        }

        return part;
    }

    public static Value Json(Random random, int depth) => random.Next(depth > 0 ? 6 : 4) switch
    {
        0 => Value.ForNull(),
        1 => Value.ForBool(random.Next(2) == 0),
        2 => Value.ForNumber(random.Next(3) switch { 0 => random.Next(), 1 => random.NextDouble() * 1e300, _ => -random.NextDouble() }),
        3 => Value.ForString(Text(random)),
        4 => Value.ForList([.. Many(random, one => Json(one, depth - 1))]),
        _ => Value.ForStruct(Object(random, depth - 1)),
    };

    private static Artifact Artifact(Random random) => new()
    {
        ArtifactId = Text(random), Name = Text(random), Description = Text(random), Parts = { Many(random, Part) }, Metadata = Metadata(random), Extensions = { Many(random, Text) },
    };

    private static Struct? Metadata(Random random) => random.Next(3) == 0 ? Object(random, 2) : null;

    private static Struct Object(Random random, int depth)
    {
        var result = new Struct();
        for (var count = random.Next(1, 3); count > 0; count--)
        {
            result.Fields[Text(random) + count] = Json(random, depth);
        }

        return result;
    }

    private static Timestamp? Time(Random random) => random.Next(3) == 0 ? null : new() { Seconds = random.NextInt64(-62_135_596_800, 253_402_300_800), Nanos = random.Next(1_000_000_000) };

    private static string Text(Random random) => _texts[random.Next(_texts.Length)];

    private static T[] Many<T>(Random random, Func<Random, T> make) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => make(random))];
}
