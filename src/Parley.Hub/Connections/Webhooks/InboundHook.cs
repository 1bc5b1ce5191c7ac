using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Hub.Connections.Events;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>Webhooks that come in: who holds a connection's secret speaks for its source, to this connection alone.</summary>
/// <remarks>A body of the shape <c>{"type","data"}</c> is that event; any other JSON object is one of type <c>webhook.received</c>. The same <c>webhook-id</c> is taken once.</remarks>
internal sealed class InboundHook(ConnectionRegistry connections, EventIntake intake, TimeProvider time)
{
    private static readonly EventType _received = new("webhook.received");

    /// <summary>Takes a webhook.</summary>
    /// <param name="connectionId">As the path names it.</param>
    /// <param name="header">Reads a header; empty for none.</param>
    /// <param name="body">The bytes that were signed.</param>
    /// <param name="cancellationToken">Withdraws it.</param>
    /// <returns>The event's id, to how many it goes, and whether it had come before.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unauthenticated"/> for a connection that is none as for a wrong signature; <see cref="ErrorCode.JsonInvalid"/>.</exception>
    public async Task<(string Id, int Deliveries, bool IsRepeat)> TakeAsync(string connectionId, Func<string, string> header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var (connection, now, id) = (connections.Find(connectionId), time.GetUtcNow(), header(WebhookSignature.IdHeader));

        // Without a connection there is a secret nobody knows, so that the refusal takes as long.
        var secrets = connection?.Secrets.At(now).Select(WebhookSecret.Read).ToList() ?? [SHA256.HashData(Encoding.UTF8.GetBytes(connectionId))];
        WebhookSignature.Verify(secrets, id, header(WebhookSignature.TimestampHeader), header(WebhookSignature.SignatureHeader), now, body.Span);
        if (connection is null)
        {
            throw new ParleyException(ErrorCode.Unauthenticated, "The signature is missing, wrong or too old.");
        }

        var (type, data) = Read(body);
        var value = new NewEvent(new AgentAddress(connection.Owner, connection.SourceName ?? CallerAddresses.Hub), type, data)
        {
            Id = IdOf(connection.Id, id),
            OnlyFor = connection.Id,
            Hops = int.TryParse(header(WebhookRequest.HopsHeader), out var hops) ? Math.Clamp(hops, 0, 1000) : 0,
            TraceParent = header("traceparent"),
        };
        if (!connection.Selection.HasType(type) || !connection.Selection.Filter.Matches(data))
        {
            return (value.Id, 0, false);
        }

        var emitted = await intake.EmitAsync(value, cancellationToken);
        return (emitted.Event.Id, emitted.IsRepeat ? 0 : emitted.Deliveries.Count, emitted.IsRepeat);
    }

    private static (EventType Type, JsonElement Data) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = StrictJson.Parse(body, "The webhook's body", ErrorCode.JsonInvalid);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException("No object.");
            }

            return root.TryGetProperty("type", out var named) && named.ValueKind == JsonValueKind.String && EventType.TryParse(named.GetString(), out var type) &&
                root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
                ? (type, data.Clone())
                : (_received, root.Clone());
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ParleyException(ErrorCode.JsonInvalid, "The webhook's body is a JSON object.", exception);
        }
    }

    // The sender's id is unique for this connection, and may be any text.
    private static string IdOf(string connectionId, string id) => "hook_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{connectionId}/{id}")).AsSpan(0, 16));
}
