using System.Text.Json.Serialization;

namespace Parley.Cli;

/// <summary>JSON that commands print or read; generated at build time, since start-up time counts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WhoamiJson))]
internal sealed partial class CliJson : JsonSerializerContext;
