using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Parley.Gateway.ProtoJson;

/// <summary>One field of a message as JSON has it.</summary>
internal sealed class FieldShape(FieldDescriptor field, string name, bool isAlways)
{
    /// <summary>The field.</summary>
    public FieldDescriptor Field { get; } = field;

    /// <summary>Its name in JSON.</summary>
    public JsonEncodedText Name { get; } = JsonEncodedText.Encode(name);

    /// <summary>Gets and sets it.</summary>
    public IFieldAccessor Accessor { get; } = field.Accessor;

    /// <summary>Names the field in errors: Message.parts.</summary>
    public string Label { get; } = $"{field.ContainingType.Name}.{name}";

    /// <summary>True for one of several alternatives, of which a message has one.</summary>
    public bool IsAlternative { get; } = field.RealContainingOneof is not null;

    /// <summary>Whether the field is written.</summary>
    public bool IsWritten(IMessage message, object? value) =>
        isAlways && value is not null || (Field.HasPresence ? Accessor.HasValue(message) : !IsDefault(value));

    private static bool IsDefault(object? value) => value switch
    {
        null => true,
        string text => text.Length == 0,
        bool flag => !flag,
        int number => number == 0,
        long number => number == 0,
        double number => number == 0,
        ByteString bytes => bytes.Length == 0,
        System.Collections.ICollection items => items.Count == 0,
        _ => Convert.ToInt32(value) == 0,
    };
}
