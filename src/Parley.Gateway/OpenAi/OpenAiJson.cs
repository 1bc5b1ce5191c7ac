using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Gateway.OpenAi;

/// <summary>JSON of the OpenAI types, source-generated.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(OpenAiErrorBody))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(IReadOnlyList<ChatToolCall>))]
public sealed partial class OpenAiJson : JsonSerializerContext
{
    /// <summary>For machines: text goes as it is, only what JSON demands is escaped.</summary>
    public static OpenAiJson Wire => field ??= new OpenAiJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
