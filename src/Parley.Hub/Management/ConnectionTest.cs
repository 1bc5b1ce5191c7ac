using System.Text.Json;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Says why an event goes to a connection, or does not. Pure.</summary>
internal static class ConnectionTest
{
    /// <summary>Looks at everything that the connection wants.</summary>
    public static ConnectionTestView Explain(Connection connection, AgentAddress source, EventType type, JsonElement data)
    {
        List<TestClause> clauses =
        [
            new("source", connection.Source, source.ToString(), connection.Selection.IsOf(source)),
            new("type", string.Join(", ", connection.Config.Events), type.Text, connection.Selection.HasType(type)),
            .. connection.Selection.Filter.Explain(data).Select(finding => new TestClause(finding.Path, finding.Condition, finding.Found, finding.IsMet)),
        ];
        if (connection.Status != ConnectionStatus.Active)
        {
            clauses.Add(new TestClause("status", "active", connection.Status == ConnectionStatus.Paused ? "paused: events wait" : "disabled: events become dead letters", true));
        }

        return new ConnectionTestView(clauses.TrueForAll(clause => clause.Matches), clauses);
    }
}
