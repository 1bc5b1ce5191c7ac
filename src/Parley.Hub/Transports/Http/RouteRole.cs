using Microsoft.AspNetCore.Builder;
using Parley.Hub.Identity;

namespace Parley.Hub.Transports.Http;

/// <summary>Who may call a route. Every route states it; one that does not is closed to all but admins, and fails a test.</summary>
/// <param name="Role">At least this.</param>
/// <param name="Scopes">What the caller's key must be good for.</param>
internal sealed record RouteRole(Role Role, ApiScopes Scopes)
{
    /// <summary>On a route for everybody: a key that is sent is read, and must be good. It shows more to those who have one.</summary>
    public bool IsKeyRead { get; init; }

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
    /// <param name="route">The route.</param>
    /// <param name="isKeyRead">Whether a key that is sent is read; it must be good then.</param>
    public static TBuilder AllowGuests<TBuilder>(this TBuilder route, bool isKeyRead = false)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteRole(Role.Guest, ApiScopes.None) { IsKeyRead = isKeyRead });
}
