using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Parley.Hub.Transports.Link;

namespace Parley.Tests.Link;

public sealed class ConnectionTicksTests
{
    [Fact]
    public void A_connection_without_a_link_is_looked_at_every_second()
    {
        var (server, _, looks) = Connection();

        server.Pass(40);

        Assert.Equal(40, looks.Count);
    }

    [Fact]
    public void A_connection_that_carries_a_link_is_looked_at_rarely_and_after_its_last_link_as_before()
    {
        var (server, context, looks) = Connection();

        ConnectionTicks.Begin(context);
        ConnectionTicks.Begin(context);
        server.Pass(3 * ConnectionTicks.Sparse);
        ConnectionTicks.End(context);
        server.Pass(ConnectionTicks.Sparse);
        Assert.Equal(4, looks.Count);
        ConnectionTicks.End(context);
        server.Pass(5);

        Assert.Equal(9, looks.Count);
    }

    [Fact]
    public void Where_a_server_has_no_such_looks_a_link_begins_and_ends_all_the_same()
    {
        var context = new DefaultHttpContext();

        ConnectionTicks.Begin(context);
        ConnectionTicks.End(context);

        Assert.Null(context.Features.Get<ConnectionTicks>());
    }

    private static (Server Server, HttpContext Context, List<object> Looks) Connection()
    {
        var server = new Server();
        var ticks = new ConnectionTicks(server);
        var context = new DefaultHttpContext();
        context.Features.Set(ticks);
        var looks = new List<object>();
        ticks.OnHeartbeat(looks.Add, "state");
        return (server, context, looks);
    }

    private sealed class Server : IConnectionHeartbeatFeature
    {
        private readonly List<Action> _actions = [];

        public void OnHeartbeat(Action<object> action, object state) => _actions.Add(() => action(state));

        public void Pass(int seconds)
        {
            for (var second = 0; second < seconds; second++)
            {
                _actions.ForEach(action => action());
            }
        }
    }
}
