using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Telemetry;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>What goes over the wire in one attempt: the payload, the headers of Standard Webhooks, the event's attributes as CloudEvents writes them, and what the owner adds. Pure.</summary>
internal static class WebhookRequest
{
    /// <summary>The header that carries how long the chain is that the event follows from.</summary>
    public const string HopsHeader = "parley-hops";

    /// <summary>Makes the request of an attempt.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="delivery">What.</param>
    /// <param name="now">The time of the attempt.</param>
    /// <param name="findSecret">The owner's secret of a name; null for none.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>: a secret is missing; <see cref="ErrorCode.InvalidArgument"/>: a value is none once its secrets are in it.</exception>
    public static HttpRequestMessage Of(Connection connection, Delivery delivery, DateTimeOffset now, Func<string, string?> findSecret)
    {
        var url = SecretTemplate.Expand(connection.Config.Url!, name => findSecret(name) is { } value ? Uri.EscapeDataString(value) : null);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The connection's url is none once its secrets are in it.");
        }

        var body = delivery.Event.ToPayload();
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in Signed(connection, delivery.Id, now, body))
        {
            Add(request, name, value);
        }

        foreach (var (name, value) in Attributes(delivery))
        {
            Add(request, name, value);
        }

        Add(request, "user-agent", $"Parley/{MessageTelemetry.Version}");
        foreach (var (name, value) in connection.Secrets.Headers)
        {
            Add(request, name, SecretTemplate.Expand(value, findSecret));
        }

        AddAuth(request, connection.Secrets.Auth, findSecret);
        return request;
    }

    /// <summary>Id, time and signatures of an attempt.</summary>
    public static IEnumerable<(string Name, string Value)> Signed(Connection connection, string id, DateTimeOffset now, ReadOnlyMemory<byte> body) =>
    [
        (WebhookSignature.IdHeader, id),
        (WebhookSignature.TimestampHeader, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        (WebhookSignature.SignatureHeader, WebhookSignature.Sign(connection.Secrets.At(now).Select(WebhookSecret.Read), id, now, body.Span)),
    ];

    /// <summary>The event's attributes as CloudEvents writes them in headers, its trace, and the length of its chain.</summary>
    public static IEnumerable<(string Name, string Value)> Attributes(Delivery delivery)
    {
        var value = delivery.Event;
        yield return ("ce-specversion", "1.0");
        yield return ("ce-id", value.Id);
        yield return ("ce-source", value.Source.ToString());
        yield return ("ce-type", value.Type.Text);
        yield return ("ce-time", StoredEvent.Time(value.At));
        if (value.Subject.Length > 0)
        {
            yield return ("ce-subject", Uri.EscapeDataString(value.Subject));
        }

        yield return ("traceparent", TraceOf(delivery));
        yield return (HopsHeader, (value.Hops + 1).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The trace context of an attempt: the event's trace, a span of its own.</summary>
    public static string TraceOf(Delivery delivery) => Trace.Child(delivery.Event.TraceParent, string.Create(CultureInfo.InvariantCulture, $"{delivery.Id}-{delivery.Attempts + 1}"));

    private static void AddAuth(HttpRequestMessage request, EndpointAuth? auth, Func<string, string?> findSecret)
    {
        string Expand(string? text) => SecretTemplate.Expand(text ?? string.Empty, findSecret);
        switch (auth?.Type)
        {
            case "bearer":
                Add(request, "authorization", $"Bearer {Expand(auth.Token)}");
                break;
            case "basic":
                Add(request, "authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Expand(auth.Username)}:{Expand(auth.Password)}")));
                break;
            case "header":
                Add(request, auth.Name!, Expand(auth.Value));
                break;
            default:
                break;
        }
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        WebhookHeaders.CheckValue(value);
        request.Headers.TryAddWithoutValidation(name, value);
    }
}
