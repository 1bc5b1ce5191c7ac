using System.Collections.Frozen;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Parley.Gateway.ProtoJson;

/// <summary>One message type as JSON has it: its fields by name, and the rule that it follows.</summary>
internal sealed class MessageShape
{
    private const int MaxNameLength = 64;

    private readonly MessageDescriptor _message;
    private readonly FrozenDictionary<string, FieldShape> _byName;
    private readonly FrozenDictionary<string, FieldShape>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public MessageShape(MessageDescriptor message, ShapeRule rule)
    {
        _message = message;
        Rule = rule;
        Fields = [.. message.Fields.InDeclarationOrder().Select(field =>
            new FieldShape(field, rule.Names.GetValueOrDefault(field.Name, field.JsonName), rule.Always.Contains(field.Name)))];
        _byName = Fields.SelectMany(Spellings).DistinctBy(pair => pair.Key).ToFrozenDictionary(pair => pair.Key, pair => pair.Value);
        _lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The type's name, for errors.</summary>
    public string Name => _message.Name;

    /// <summary>How the type differs from plain ProtoJSON.</summary>
    public ShapeRule Rule { get; }

    /// <summary>The fields, in the order in which they are written.</summary>
    public IReadOnlyList<FieldShape> Fields { get; }

    /// <summary>A new message of the type.</summary>
    public IMessage Create() => _message.Parser.ParseFrom(ByteString.Empty);

    /// <summary>The field that is set of the message's only oneof.</summary>
    public FieldShape? CaseOf(IMessage message) =>
        _message.Oneofs[0].Accessor.GetCaseFieldDescriptor(message) is { } field ? Fields[field.Index] : null;

    /// <summary>The field with the name that the reader stands at, in camelCase, snake_case or the dialect's spelling.</summary>
    public FieldShape? Find(ref Utf8JsonReader reader)
    {
        var length = reader.ValueSpan.Length;
        if (length > MaxNameLength)
        {
            return null;
        }

        Span<char> name = stackalloc char[MaxNameLength];
        return _lookup.TryGetValue(name[..JsonText.Copy(ref reader, name)], out var field) ? field : null;
    }

    /// <summary>The field with this name.</summary>
    public FieldShape? Find(string name) => _byName.GetValueOrDefault(name);

    private static IEnumerable<KeyValuePair<string, FieldShape>> Spellings(FieldShape field) =>
    [
        new(field.Name.Value, field),
        new(field.Field.JsonName, field),
        new(field.Field.Name, field),
    ];
}
