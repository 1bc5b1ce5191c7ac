using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Transports.Http.A2a;
using Parley.Protocol.Errors;
using Xunit;

namespace Parley.Testing.A2a;

/// <summary>REST.</summary>
/// <param name="http">The hub and the key.</param>
/// <param name="version">The version.</param>
/// <param name="dialect">How it writes bodies.</param>
/// <param name="prefix">The address of the agent, or the shared one; ends with a slash.</param>
internal sealed class RestTestClient(HttpClient http, A2aVersion version, JsonDialect dialect, string prefix) : HttpTestClient(http, version, dialect)
{
    private static readonly HashSet<string> _inPath = ["id", "task_id", "tenant"];

    /// <inheritdoc/>
    public override void AssertRefused(ErrorCode expected, A2aRefused seen)
    {
        var row = A2aErrorRow.Of(expected);
        if (!seen.IsEvent)
        {
            Assert.Equal(row.Http, seen.Status);
        }

        Assert.Equal(Version == A2aVersion.V1 ? row.Http : row.JsonRpc, seen.Code);
        Assert.Equal(row.Reason, seen.Reason);
    }

    /// <inheritdoc/>
    protected override HttpRequestMessage Request(A2aOperation operation, IMessage request)
    {
        var route = (Version == A2aVersion.V1 ? RestRoute.All : RestRoute.Old).First(route => route.Operation == operation);
        var path = route.Path;
        foreach (var (value, field) in route.Fields)
        {
            path = path.Replace($"{{{value}}}", Uri.EscapeDataString((string)request.Descriptor.FindFieldByName(field).Accessor.GetValue(request)), StringComparison.Ordinal);
        }

        var message = new HttpRequestMessage(new HttpMethod(route.Method), prefix + path + (route.TakesBody ? string.Empty : Query(request)));
        if (route.TakesBody)
        {
            message.Content = new ByteArrayContent(Write(request).ToArray());
            message.Content.Headers.ContentType = new("application/json");
        }

        return message;
    }

    /// <inheritdoc/>
    protected override ReadOnlyMemory<byte> Content(string text) => Encoding.UTF8.GetBytes(text);

    /// <inheritdoc/>
    protected override bool IsRefused(HttpResponseMessage response, string text) => !response.IsSuccessStatusCode;

    /// <inheritdoc/>
    protected override JsonElement? RefusalOf(string eventType, string text)
    {
        if (eventType == SseDefault)
        {
            return null;
        }

        using var document = JsonDocument.Parse(text);
        return (Version == A2aVersion.V1 ? document.RootElement.GetProperty("error") : document.RootElement).Clone();
    }

    private const string SseDefault = "message";

    private static string Query(IMessage request)
    {
        var pairs = request.Descriptor.Fields.InDeclarationOrder().Where(field => !_inPath.Contains(field.Name) && IsSet(request, field))
            .Select(field => $"{field.JsonName}={Uri.EscapeDataString(Text(field, field.Accessor.GetValue(request)))}");
        var query = string.Join('&', pairs);
        return query.Length == 0 ? string.Empty : "?" + query;
    }

    private static bool IsSet(IMessage request, FieldDescriptor field) =>
        field.HasPresence ? field.Accessor.HasValue(request) : field.Accessor.GetValue(request) is string { Length: > 0 } or System.Enum or int and not 0;

    private static string Text(FieldDescriptor field, object value) => value switch
    {
        Timestamp time => time.ToDateTimeOffset().ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
        bool flag => flag ? "true" : "false",
        System.Enum state => state.Equals(TaskState.Unspecified) ? string.Empty : field.EnumType.FindValueByNumber(Convert.ToInt32(state)).Name,
        _ => value.ToString()!,
    };
}
