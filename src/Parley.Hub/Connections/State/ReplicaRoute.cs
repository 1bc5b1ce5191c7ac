using System.Text.Json;
using Microsoft.Data.Sqlite;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Webhooks;
using Parley.Hub.Identity;

namespace Parley.Hub.Connections.State;

/// <summary>The way of <c>state.update</c> for connections that name fields: it puts in place of the event what the target lacks of them, and passes it on over the way that serves the target.</summary>
/// <remarks>A target that has another version than the patch's base answers 409 Conflict and gets a snapshot.</remarks>
internal sealed class ReplicaRoute(IReadOnlyList<IDeliveryRoute> routes, ReplicaStore replicas, AgentRegistry agents) : IDeliveryRoute
{
    private const int Conflict = 409;

    /// <inheritdoc/>
    public bool Serves(Connection connection) => routes.Any(route => route.Serves(connection));

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(Connection connection, Delivery delivery, CancellationToken cancellationToken)
    {
        var route = routes.First(route => route.Serves(connection));
        if (connection.Config.Fields is not { } fields || delivery.Event.Type != EventType.StateUpdate)
        {
            return await route.SendAsync(connection, delivery, cancellationToken);
        }

        var source = delivery.Event.Source;
        if (connection.LeavesOut(source, agents) ||
            (agents.Find(source) ?? agents.FindFormer(source)) is not { } agent ||
            await replicas.BeginAsync(connection.Id, fields, agent.Id, delivery.Id, cancellationToken) is not { } update)
        {
            // Nothing is left to tell: an earlier delivery said it, or the agent is gone, or private by now.
            return new DeliveryResult(new WebhookVerdict(WebhookFate.Taken, null, string.Empty));
        }

        var told = delivery with { Event = delivery.Event with { Data = Told(update, fields) } };
        var result = await route.SendAsync(connection, told, cancellationToken);
        return result with { Write = After(connection.Id, agent.Id, delivery.Id, result.Verdict) };
    }

    /// <summary>The data of a <c>state.update</c> as targets get it.</summary>
    public static byte[] Told(ReplicaUpdate update, IReadOnlyList<string> fields)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", update.Version);
            json.WriteStartArray("fields");
            foreach (var field in fields)
            {
                json.WriteStringValue(field);
            }

            json.WriteEndArray();
            if (update.Base is { } from)
            {
                json.WriteNumber("base", from);
                json.WritePropertyName("patch");
                MergePatch.Between(StateJson.Read(update.Before), StateJson.Read(update.Data)).WriteTo(json);
            }
            else
            {
                json.WritePropertyName("snapshot");
                json.WriteRawValue(update.Data, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static Action<SqliteConnection>? After(string connectionId, long agentId, string delivery, WebhookVerdict verdict) => verdict switch
    {
        { Fate: WebhookFate.Taken } => connection => ReplicaStore.Taken(connection, connectionId, agentId, delivery),
        { Status: Conflict } => connection => ReplicaStore.Lost(connection, connectionId, agentId),
        _ => null,
    };
}
