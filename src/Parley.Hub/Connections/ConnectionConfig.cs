using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Hub.Connections;

/// <summary>The part of a connection that stands readable in the database.</summary>
/// <param name="Url">Where webhooks go; may hold <c>{{secrets.name}}</c>. Null: to the target agent.</param>
/// <param name="Events">Types and patterns.</param>
/// <param name="Filter">What the events' data must be.</param>
/// <param name="Fields">For <c>state.update</c>: the fields that may leave.</param>
/// <param name="IsOrdered">Whether events of one subject wait for each other.</param>
/// <param name="Log">What the message log keeps of the messages that it brings, in its owner's rows; null: what the hub keeps.</param>
internal sealed record ConnectionConfig(string? Url, IReadOnlyList<string> Events, JsonElement? Filter, IReadOnlyList<string>? Fields, bool IsOrdered, MessageLogMode? Log = null)
{
    /// <summary>For direct connections: the agent, <c>owner.name</c>, that gets the target's answers as messages.</summary>
    public string? ReplyTo { get; init; }
}

/// <summary>The part that is sealed: what signs, and what an owner adds to requests.</summary>
/// <param name="Secret">The secret that signs, <c>whsec_...</c>.</param>
/// <param name="Previous">The one before, which signs too while receivers change over.</param>
/// <param name="PreviousUntil">Until when.</param>
/// <param name="Auth">How the hub proves itself to the receiver, beside the signature.</param>
/// <param name="Headers">Headers of every delivery.</param>
internal sealed record EndpointSecrets(string Secret, string? Previous, DateTimeOffset? PreviousUntil, EndpointAuth? Auth, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The secrets that are good at a time, newest first.</summary>
    public IEnumerable<string> At(DateTimeOffset now) => Previous is not null && now < PreviousUntil ? [Secret, Previous] : [Secret];

    /// <inheritdoc/>
    public override string ToString() => nameof(EndpointSecrets);
}

/// <summary>How the hub proves itself to a receiver; values may hold <c>{{secrets.name}}</c>.</summary>
/// <param name="Type"><c>bearer</c>, <c>basic</c> or <c>header</c>.</param>
/// <param name="Token">For bearer.</param>
/// <param name="Username">For basic.</param>
/// <param name="Password">For basic.</param>
/// <param name="Name">For header: its name.</param>
/// <param name="Value">For header: its value.</param>
internal sealed record EndpointAuth(string Type, string? Token = null, string? Username = null, string? Password = null, string? Name = null, string? Value = null)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(EndpointAuth);
}

/// <summary>How these stand in the database.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConnectionConfig))]
[JsonSerializable(typeof(EndpointSecrets))]
internal sealed partial class ConnectionJson : JsonSerializerContext;
