using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>Messages whose bytes are the same whenever they say the same: members of free JSON in one order.</summary>
internal static class StableMessage
{
    /// <summary>A message with ordered metadata and data; itself where it has none.</summary>
    public static Message Of(Message message)
    {
        if (message.Metadata is null && message.Parts.All(part => part.Metadata is null && part.ContentCase != Part.ContentOneofCase.Data))
        {
            return message;
        }

        var copy = message.Clone();
        copy.Metadata = copy.Metadata is { } metadata ? Of(metadata) : null;
        foreach (var part in copy.Parts)
        {
            part.Metadata = part.Metadata is { } own ? Of(own) : null;
            if (part.ContentCase == Part.ContentOneofCase.Data)
            {
                part.Data = Of(part.Data);
            }
        }

        return copy;
    }

    /// <summary>An object with its members in order.</summary>
    public static Struct Of(Struct free)
    {
        var ordered = new Struct();
        foreach (var (name, value) in free.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            ordered.Fields.Add(name, Of(value));
        }

        return ordered;
    }

    private static Value Of(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StructValue => Value.ForStruct(Of(value.StructValue)),
        Value.KindOneofCase.ListValue => Value.ForList([.. value.ListValue.Values.Select(Of)]),
        _ => value,
    };
}
