using Parley.Protocol.Identity;

namespace Parley.Hub.Identity;

/// <summary>An authenticated caller, whichever door it came through.</summary>
/// <param name="Role">What it is to the hub.</param>
/// <param name="Owner">Whose it is; null for a guest and for an admin who acts for nobody in particular.</param>
/// <param name="Agent">Which agent it is; null for callers that are none.</param>
/// <param name="Scopes">What its credential is good for.</param>
/// <param name="CredentialId">The id of the credential, for the audit; never the secret.</param>
internal sealed record Principal(Role Role, string? Owner, AgentAddress? Agent, ApiScopes Scopes, string CredentialId)
{
    /// <summary>A caller without a credential.</summary>
    public static Principal Guest { get; } = new(Role.Guest, null, null, ApiScopes.None, "guest");

    /// <summary>The holder of the hub's admin key.</summary>
    public static Principal Admin { get; } = new(Role.Admin, null, null, ApiScopes.AllButAdmin | ApiScopes.Admin, "admin");

    /// <summary>An agent that proved its key.</summary>
    public static Principal Of(AgentAddress agent) => new(Role.Agent, agent.Owner, agent, ApiScopes.AllButAdmin, agent.ToString());

    /// <summary>The holder of an API key.</summary>
    public static Principal Of(ApiKey key) =>
        new(key.Scopes.HasFlag(ApiScopes.Admin) ? Role.Admin : Role.Member, key.Owner, null, key.Scopes, key.Id);

    /// <summary>Who acted, as the audit names it.</summary>
    public string Actor => Agent?.ToString() ?? (Owner is null ? CredentialId : $"{Owner} ({CredentialId})");
}
