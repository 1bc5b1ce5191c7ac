using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Log;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Tests.Connections;

public sealed class LogPolicyTests
{
    [Theory]
    [InlineData(nameof(MessageLogMode.Metadata), null, "acme.b", nameof(MessageLogMode.Metadata))]
    [InlineData(nameof(MessageLogMode.Metadata), nameof(MessageLogMode.Full), "acme.hub", nameof(MessageLogMode.Full))]
    [InlineData(nameof(MessageLogMode.Metadata), nameof(MessageLogMode.Full), "other.b", nameof(MessageLogMode.Metadata))]
    [InlineData(nameof(MessageLogMode.Full), nameof(MessageLogMode.Off), "acme.hub", nameof(MessageLogMode.Off))]
    [InlineData(nameof(MessageLogMode.Full), nameof(MessageLogMode.Off), "other.b", nameof(MessageLogMode.Full))]
    [InlineData(nameof(MessageLogMode.Off), nameof(MessageLogMode.Full), "acme.hub", nameof(MessageLogMode.Off))]
    public void A_connections_mode_goes_before_the_hubs_in_its_owners_rows_unless_the_hub_keeps_nothing(string hub, string? own, string agent, string expected)
    {
        var connection = Connected("acme.b", own is null ? null : Enum.Parse<MessageLogMode>(own));
        var policy = new LogPolicy(Enum.Parse<MessageLogMode>(hub), _ => connection);

        Assert.Equal(Enum.Parse<MessageLogMode>(expected), policy.For(agent, connection));
    }

    [Theory]
    [InlineData("acme.hub", "acme.b", "conn_1", true)]
    [InlineData("acme.hub", "acme.b", "conn_1-0011", true)]
    [InlineData("acme.b", "acme.hub", "conn_1-0011", true)]
    [InlineData("acme.b", "acme.c", "conn_1", false)]
    [InlineData("acme.c", "acme.hub", "conn_1", false)]
    [InlineData("other.hub", "acme.b", "conn_1", false)]
    [InlineData("acme.hub", "acme.b", "conn_2", false)]
    [InlineData("acme.hub", "acme.b", "", false)]
    public void A_message_belongs_to_a_connection_only_between_the_hub_and_its_target(string from, string to, string thread, bool isFound)
    {
        var policy = new LogPolicy(MessageLogMode.Metadata, id => id == "conn_1" ? Connected("acme.b", null) : null);

        Assert.Equal(isFound, policy.ConnectionOf(new Envelope { From = from, To = to, Thread = thread }) is not null);
    }

    private static Connection Connected(string target, MessageLogMode? log)
    {
        var config = new ConnectionConfig(null, ["*"], null, null, false, log);
        return new Connection
        {
            Id = "conn_1",
            Owner = "acme",
            Target = AgentAddress.Parse(target),
            Kind = ConnectionKind.Direct,
            Config = config,
            Secrets = new EndpointSecrets("x", null, null, null, new Dictionary<string, string>()),
            CreatedBy = "test",
            CreatedAt = default,
            UpdatedAt = default,
            Selection = Connection.Compile("acme", null, config),
        };
    }
}
