using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Gateway.Wire.V1;

namespace Parley.Cli.A2a.Remote;

/// <summary>JSON that commands about agents somewhere else print; generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RemoteSendJson))]
internal sealed partial class RemoteJson : JsonSerializerContext
{
    /// <summary>For machines.</summary>
    public static RemoteJson Compact => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>What <c>a2a send a2a:URL --json</c> prints; the members that a send through the hub has are the same.</summary>
internal sealed record RemoteSendJson(
    string Id, string Status, string From, string? Task, string? Context, RemoteReplyJson? Reply, string Binding, string Version, long ElapsedMs)
{
    /// <summary>The JSON form of an answer.</summary>
    public static RemoteSendJson Of(string id, RemoteAgent agent, RemoteAnswer answer, TimeSpan elapsed) => new(
        id,
        answer.State is { } state ? RemoteText.Of(state) : "answered",
        agent.Card.Card.Name,
        answer.TaskId,
        answer.ContextId,
        RemoteReplyJson.Of(answer),
        Gateway.Client.BindingNames.Of(agent.Client.Endpoint.Binding),
        agent.Client.Endpoint.VersionText,
        (long)elapsed.TotalMilliseconds);
}

/// <summary>An answer's parts.</summary>
internal sealed record RemoteReplyJson(string Type, string? Text, string? Message, IReadOnlyList<JsonElement>? Data, IReadOnlyList<RemoteFileJson> Files)
{
    /// <summary>The JSON form: text of the artifacts, or of the message where there are none.</summary>
    public static RemoteReplyJson Of(RemoteAnswer answer)
    {
        var message = answer.Message?.Parts.ToList() ?? [];
        var made = answer.Artifacts.SelectMany(artifact => artifact.Parts).ToList();
        var all = made.Concat(message).ToList();
        var data = all.Where(part => part.ContentCase == Part.ContentOneofCase.Data).Select(part => JsonElement.Parse(RemoteText.Json(part.Data))).ToList();
        return new RemoteReplyJson(
            "text",
            Texts(made.Count > 0 ? made : message),
            made.Count > 0 ? Texts(message) : null,
            data.Count > 0 ? data : null,
            [.. all.Where(part => part.ContentCase is Part.ContentOneofCase.Raw or Part.ContentOneofCase.Url).Select(RemoteFileJson.Of)]);
    }

    private static string? Texts(IReadOnlyList<Part> parts)
    {
        var texts = parts.Where(part => part.ContentCase == Part.ContentOneofCase.Text).Select(part => part.Text).ToList();
        return texts.Count > 0 ? string.Concat(texts) : null;
    }
}

/// <summary>A file of an answer: its bytes came along, or it lies elsewhere.</summary>
internal sealed record RemoteFileJson(string Name, string? MediaType, int? Bytes, string? Url)
{
    /// <summary>The JSON form.</summary>
    public static RemoteFileJson Of(Part part) => new(
        part.Filename,
        part.MediaType.Length > 0 ? part.MediaType : null,
        part.ContentCase == Part.ContentOneofCase.Raw ? part.Raw.Length : null,
        part.ContentCase == Part.ContentOneofCase.Url ? part.Url : null);
}
