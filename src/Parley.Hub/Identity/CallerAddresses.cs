using Parley.Protocol.Identity;

namespace Parley.Hub.Identity;

/// <summary>Under which address the hub speaks for callers that are no agents. The names are reserved, so no agent can be confused with them.</summary>
internal static class CallerAddresses
{
    /// <summary>The name of callers with an API key.</summary>
    public const string Api = "api";

    /// <summary>The name of callers with the admin key.</summary>
    public const string Admin = "admin";

    /// <summary>The name under which the hub itself speaks for an owner: what connections bring, and what it says about them.</summary>
    public const string Hub = "hub";

    /// <summary>The hub's own address among an owner's.</summary>
    public static AgentAddress HubOf(string owner) => new(owner, Hub);

    /// <summary>Whether an address in its text form is the hub's own.</summary>
    public static bool IsHub(string address) => address.EndsWith("." + Hub, StringComparison.Ordinal);

    /// <summary>The address that an agent sees as the sender.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="target">The agent; an admin without an owner speaks for the agent's owner.</param>
    public static AgentAddress Of(Principal caller, AgentAddress target) =>
        caller.Agent ?? (caller.Owner is { } owner ? new AgentAddress(owner, Api) : new AgentAddress(target.Owner, Admin));

    /// <summary>Whether an address is one of these. Their rates are counted at the door, by credential.</summary>
    public static bool Is(AgentAddress address) => address.Name is Api or Admin or Hub;
}
