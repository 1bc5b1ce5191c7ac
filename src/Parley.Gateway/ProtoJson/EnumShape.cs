using System.Collections.Frozen;
using Google.Protobuf.Reflection;

namespace Parley.Gateway.ProtoJson;

/// <summary>The names of one enum in JSON.</summary>
internal sealed class EnumShape
{
    private readonly FrozenDictionary<int, string> _names;
    private readonly FrozenDictionary<string, int> _numbers;

    /// <param name="type">The enum.</param>
    /// <param name="nameOf">How the dialect spells a value.</param>
    public EnumShape(EnumDescriptor type, Func<EnumValueDescriptor, string> nameOf)
    {
        _names = type.Values.ToFrozenDictionary(value => value.Number, nameOf);
        _numbers = type.Values.SelectMany(value => new[] { (Name: nameOf(value), value.Number), (value.Name, value.Number) })
            .DistinctBy(pair => pair.Name).ToFrozenDictionary(pair => pair.Name, pair => pair.Number);
    }

    /// <summary>The name of a number; null for one that a newer peer knows and we do not.</summary>
    public string? NameOf(int number) => _names.GetValueOrDefault(number);

    /// <summary>The number of a name, in the dialect's spelling or the .proto file's.</summary>
    public bool TryNumber(string name, out int number) => _numbers.TryGetValue(name, out number);
}
