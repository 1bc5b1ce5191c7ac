using Microsoft.AspNetCore.Builder;
using Parley.Hub.Identity;

namespace Parley.Hub.Transports.Http;

/// <summary>Who may call a route. Every route states it; one that does not is closed to all but admins, and fails a test.</summary>
/// <param name="Role">At least this.</param>
/// <param name="Scopes">What the caller's key must be good for.</param>
internal sealed record RouteRole(Role Role, ApiScopes Scopes)
{
    /// <summary>What holds for a route that states nothing.</summary>
    public static RouteRole Unstated { get; } = new(Role.Admin, ApiScopes.Admin);
}

/// <summary>States the role of routes.</summary>
internal static class RouteRoleExtensions
{
    /// <summary>Only callers of this role, with a key that is good for these scopes.</summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder route, Role role, ApiScopes scopes = ApiScopes.None)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteRole(role, scopes));

    /// <summary>Everybody; the route itself proves who calls, or it does not matter.</summary>
    public static TBuilder AllowGuests<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteRole(Role.Guest, ApiScopes.None));
}
