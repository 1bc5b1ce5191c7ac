using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Parley.Hub.Transports.Link;

/// <summary>
/// How often Kestrel looks at one connection. It does so every second, and an HTTP/2 connection wakes a thread each time: with thousands of links that say nothing, most of what
/// an idle hub costs. A connection that carries a link is looked at every <see cref="Sparse"/> seconds instead; the hub itself watches whether its link lives.
/// </summary>
/// <remarks>Kestrel counts at most one second for each look when it measures how slowly a body comes, so other requests on the connection of a link have that much more time.</remarks>
internal sealed class ConnectionTicks(IConnectionHeartbeatFeature inner) : IConnectionHeartbeatFeature
{
    /// <summary>Seconds between two looks at a connection that carries a link.</summary>
    public const int Sparse = 60;

    private int _links;

    /// <summary>Puts it before everything else that a listener's connections go through.</summary>
    public static void Use(ListenOptions listener) => listener.Use(next => connection =>
    {
        if (connection.Features.Get<IConnectionHeartbeatFeature>() is { } inner)
        {
            var ticks = new ConnectionTicks(inner);
            connection.Features.Set<IConnectionHeartbeatFeature>(ticks);
            connection.Features.Set(ticks);
        }

        return next(connection);
    });

    /// <summary>A link begins on the connection of this request.</summary>
    public static void Begin(HttpContext context) => Count(context, 1);

    /// <summary>A link on the connection of this request has ended.</summary>
    public static void End(HttpContext context) => Count(context, -1);

    /// <inheritdoc/>
    public void OnHeartbeat(Action<object> action, object state)
    {
        var seconds = 0;
        inner.OnHeartbeat(
            _ =>
            {
                seconds++;
                if (seconds >= Sparse || Volatile.Read(ref _links) == 0)
                {
                    seconds = 0;
                    action(state);
                }
            },
            state);
    }

    private static void Count(HttpContext context, int links)
    {
        if (context.Features.Get<ConnectionTicks>() is { } ticks)
        {
            Interlocked.Add(ref ticks._links, links);
        }
    }
}
