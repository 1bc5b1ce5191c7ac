namespace Parley.Protocol.Management;

/// <summary>What the hub says of itself.</summary>
/// <param name="HubId">Its id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Http">Its public HTTP address.</param>
/// <param name="Grpc">Its public gRPC address.</param>
/// <param name="Agents">How many agents the caller may see.</param>
/// <param name="Online">How many of them have a listener attached.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Draining">Whether it is shutting down.</param>
public sealed record HubStatus(string HubId, string Version, string Http, string Grpc, int Agents, int Online, DateTimeOffset StartedAt, bool Draining);

/// <summary>Who the caller is to the hub.</summary>
/// <param name="Role"><c>guest</c>, <c>agent</c>, <c>member</c> or <c>admin</c>.</param>
/// <param name="Owner">Whose it is; null for an admin who acts for nobody in particular.</param>
/// <param name="Agent">Its address, when it is an agent.</param>
/// <param name="Scopes">What its credential is good for.</param>
public sealed record CallerView(string Role, string? Owner, string? Agent, IReadOnlyList<string> Scopes);
