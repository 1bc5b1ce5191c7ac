using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Parley.Protocol.Errors;

namespace Parley.Client.Config;

/// <summary>JSON of the home's own files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BindingFile))]
[JsonSerializable(typeof(HubProfileFile))]
internal sealed partial class ConfigJson : JsonSerializerContext
{
    /// <summary>Reads a file of the home.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FileDamaged"/>, naming the file.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string name)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new ParleyException(ErrorCode.FileDamaged, $"The file {name} is damaged.", exception);
        }
    }
}
