namespace Parley.Protocol.Management;

/// <summary>An agent as callers see it.</summary>
/// <param name="Address">Canonical address, <c>owner.name</c>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Visibility">Who may know of it: <c>private</c>, <c>owner</c>, <c>hub</c> or <c>public</c>.</param>
/// <param name="Fingerprint">Its identity key's fingerprint, <c>SHA256:...</c>; null while its key is reset.</param>
/// <param name="Online">Whether a listener is attached.</param>
/// <param name="OnlineSince">Since when.</param>
/// <param name="Transport">Over what.</param>
/// <param name="CreatedAt">When it enrolled.</param>
/// <param name="Card">Its agent card's path on the hub's HTTP address. Null from a hub that serves none.</param>
/// <param name="TaskRetention">How long its tasks are kept after their last change, as a duration; null: as the hub's option says.</param>
/// <param name="Accepts">What its programs take from machine to machine at the moment: <c>transfer</c>, <c>chat</c>, <c>call</c>, whether a listener is attached or not; null when nothing.</param>
public sealed record AgentView(
    string Address,
    string Owner,
    string Name,
    IReadOnlyDictionary<string, string> Labels,
    string Visibility,
    string? Fingerprint,
    bool Online,
    DateTimeOffset? OnlineSince,
    string? Transport,
    DateTimeOffset CreatedAt,
    string? Card = null,
    string? TaskRetention = null,
    IReadOnlyList<string>? Accepts = null);
