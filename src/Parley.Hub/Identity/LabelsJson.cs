using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Hub.Identity;

/// <summary>Labels as the store keeps them: one JSON object.</summary>
[JsonSourceGenerationOptions(WriteIndented = false)]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class LabelsJson : JsonSerializerContext
{
    /// <summary>Labels as text, keys in order.</summary>
    public static string Write(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == 0 ? "{}" : JsonSerializer.Serialize(new SortedDictionary<string, string>(labels.ToDictionary(), StringComparer.Ordinal), Default.SortedDictionaryStringString);

    /// <summary>Labels from text that <see cref="Write"/> made.</summary>
    public static IReadOnlyDictionary<string, string> Read(string text) =>
        JsonSerializer.Deserialize(text, Default.SortedDictionaryStringString) ?? [];
}
