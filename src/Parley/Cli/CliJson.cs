using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Cli.Hosting;

namespace Parley.Cli;

/// <summary>JSON that commands print or read; generated at build time, since start-up time counts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WhoamiJson))]
[JsonSerializable(typeof(HubFile))]
[JsonSerializable(typeof(HubConfigJson))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>The same for people: one member a line.</summary>
    public static CliJson Indented { get; } =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
