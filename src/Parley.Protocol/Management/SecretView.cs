using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>Arguments of operations on secrets.</summary>
/// <param name="Name">Which.</param>
/// <param name="Value">For <c>secrets.set</c>: what it is.</param>
/// <param name="Owner">From an admin: whose; default <c>local</c>.</param>
/// <param name="Limit">Most entries.</param>
/// <param name="Offset">Entries to skip.</param>
public sealed record SecretArguments(string? Name = null, string? Value = null, string? Owner = null, int? Limit = null, int? Offset = null)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(SecretArguments);
}

/// <summary>A secret as callers see it: never what it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">Whose.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was set last.</param>
public sealed record SecretView(
    string Name, string Owner, [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt, [property: JsonPropertyName("updated_at")] DateTimeOffset UpdatedAt);
