using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Parley.Cli.Home;
using Parley.Cli.Hosting;
using Parley.Cli.Service;
using Parley.Cli.Skill;

namespace Parley.Cli;

/// <summary>JSON that commands print or read; generated at build time, since start-up time counts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(WhoamiJson))]
[JsonSerializable(typeof(HubFile))]
[JsonSerializable(typeof(HubConfigJson))]
[JsonSerializable(typeof(BackupOutcomeJson))]
[JsonSerializable(typeof(ServiceJson))]
[JsonSerializable(typeof(JoinedJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(GoneAgentJson))]
[JsonSerializable(typeof(CheckResult[]))]
[JsonSerializable(typeof(SkillJson))]
internal sealed partial class CliJson : JsonSerializerContext
{
    private static CliJson? _compact;
    private static CliJson? _indented;

    /// <summary>For machines: one line, text as it is instead of <c>\u</c> escapes.</summary>
    public static CliJson Compact => _compact ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The same for people: one member a line.</summary>
    public static CliJson Indented => _indented ??=
        new(new JsonSerializerOptions(Default.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
