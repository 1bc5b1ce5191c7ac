using Parley.Hub.Identity.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>The one place where an HTTP caller becomes a principal, and where a route's role is checked. Unknown, expired and revoked keys answer alike, and what a key began ends with it.</summary>
internal sealed class BearerAuthentication
{
    private const string Scheme = "Bearer ";
    private const int MaxRemembered = 10_000;

    private readonly AdminKey _admin;
    private readonly ApiKeys _keys;
    private readonly HostFilter _hosts;
    private readonly RateLimiter _failures;

    /// <summary>Authentication of one hub.</summary>
    public BearerAuthentication(AdminKey admin, ApiKeys keys, HostFilter hosts, IOptions<DoorOptions> options, TimeProvider time)
    {
        (_admin, _keys, _hosts) = (admin, keys, hosts);
        _failures = new RateLimiter(options.Value.BadKeysPerMinute, TimeSpan.FromMinutes(1), MaxRemembered, time);
    }

    /// <summary>Lets the request through, or refuses it.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // What is no route says only that the path takes another method.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        var required = endpoint.Metadata.GetMetadata<RouteRole>() ?? RouteRole.Unstated;
        if (required.Role != Role.Guest || required.IsKeyRead)
        {
            if (!_hosts.Allows(context.Request.Host.Host) && !TrustedProxies.IsHostForwarded(context))
            {
                throw new ParleyException(ErrorCode.NotFound, "This hub does not answer to that host name.");
            }

            var (caller, end) = Authenticate(context);
            Operations.Require(caller, required.Role, required.Scopes);
            context.Features.Set(caller);
            if (end.CanBeCanceled)
            {
                return RunUntilAsync(context, next, end);
            }
        }

        return next(context);
    }

    /// <summary>Runs a request no longer than its key is good: to what waits or streams, a key that goes is a client that goes.</summary>
    private static async Task RunUntilAsync(HttpContext context, RequestDelegate next, CancellationToken end)
    {
        var client = context.RequestAborted;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(client, end);
        context.RequestAborted = ending.Token;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !client.IsCancellationRequested && !context.Response.HasStarted)
        {
            throw BadKey();
        }
        finally
        {
            context.RequestAborted = client;
        }
    }

    private static ParleyException BadKey() => new(ErrorCode.Unauthenticated, "This needs a valid key.");

    // With the caller, what ends its key.
    private (Principal Caller, CancellationToken End) Authenticate(HttpContext context)
    {
        var address = CallerAddress.Of(context);
        if (_failures.Peek(address) is { } wait)
        {
            throw new ParleyException(ErrorCode.RateLimited, "Too many bad keys came from this address.") { RetryAfter = wait };
        }

        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return (Principal.Guest, default);
        }

        var secret = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : string.Empty;
        if (_admin.Matches(secret))
        {
            return (Principal.Admin, default);
        }

        if (_keys.Find(secret) is { } key)
        {
            return (Principal.Of(key), _keys.EndOf(key));
        }

        _failures.TryTake(address);
        throw BadKey();
    }
}

/// <summary>Where endpoints find the caller.</summary>
internal static class CallerFeature
{
    /// <summary>The caller of this request; a guest on routes that ask for no key.</summary>
    public static Principal Caller(this HttpContext context) => context.Features.Get<Principal>() ?? Principal.Guest;
}
