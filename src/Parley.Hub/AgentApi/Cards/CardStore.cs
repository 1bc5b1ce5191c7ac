using System.Collections.Frozen;
using System.Text;
using Microsoft.Data.Sqlite;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Sqlite;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>Rows of <c>agent_cards</c> and <c>agent_listeners</c>. No rules: the methods run inside a work of the store.</summary>
internal static class CardStore
{
    private const char Separator = ' ';

    /// <summary>Every card, by the agent's row.</summary>
    public static List<(long AgentId, StoredCard Card)> LoadCards(SqliteConnection connection)
    {
        var cards = new List<(long, StoredCard)>();
        var row = connection.Prepared("SELECT agent_id, card, updated_at FROM agent_cards");
        while (row.Step())
        {
            cards.Add((row.GetInt64(0), new StoredCard(Read(row.GetText(1)!), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))));
        }

        return cards;
    }

    /// <summary>The card of one agent.</summary>
    public static StoredCard? FindCard(SqliteConnection connection, long agentId)
    {
        var row = connection.Prepared("SELECT card, updated_at FROM agent_cards WHERE agent_id = ?1").Bind(1, agentId);
        var card = row.Step() ? new StoredCard(Read(row.GetText(0)!), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))) : null;
        row.Reset();
        return card;
    }

    /// <summary>Writes or replaces a card; false when the agent is gone.</summary>
    public static bool Put(SqliteConnection connection, long agentId, StoredCard card) =>
        connection.Prepared("INSERT OR REPLACE INTO agent_cards (agent_id, card, updated_at) SELECT id, ?2, ?3 FROM agents WHERE id = ?1")
            .Bind(1, agentId).Bind(2, Encoding.UTF8.GetString(JsonDialect.V1.ToBytes(card.Card).Span)).Bind(3, card.UpdatedAt.ToUnixTimeMilliseconds()).Execute() == 1;

    /// <summary>Deletes a card; false when there was none.</summary>
    public static bool Delete(SqliteConnection connection, long agentId) =>
        connection.Prepared("DELETE FROM agent_cards WHERE agent_id = ?1").Bind(1, agentId).Execute() == 1;

    /// <summary>What every agent's last listener could do.</summary>
    public static List<(long AgentId, FrozenSet<string> Capabilities)> LoadListeners(SqliteConnection connection)
    {
        var listeners = new List<(long, FrozenSet<string>)>();
        var row = connection.Prepared("SELECT agent_id, capabilities FROM agent_listeners");
        while (row.Step())
        {
            listeners.Add((row.GetInt64(0), ReadWords(row.GetText(1)!)));
        }

        return listeners;
    }

    /// <summary>What one agent's last listener could do.</summary>
    public static FrozenSet<string>? FindListener(SqliteConnection connection, long agentId)
    {
        var row = connection.Prepared("SELECT capabilities FROM agent_listeners WHERE agent_id = ?1").Bind(1, agentId);
        var words = row.Step() ? ReadWords(row.GetText(0)!) : null;
        row.Reset();
        return words;
    }

    /// <summary>Writes what an agent's listener can do.</summary>
    public static int PutListener(SqliteConnection connection, long agentId, IReadOnlySet<string> capabilities) =>
        connection.Prepared("INSERT OR REPLACE INTO agent_listeners (agent_id, capabilities) SELECT id, ?2 FROM agents WHERE id = ?1")
            .Bind(1, agentId).Bind(2, string.Join(Separator, capabilities.Order(StringComparer.Ordinal))).Execute();

    private static AgentCard Read(string text) => JsonDialect.V1.Parse<AgentCard>(Encoding.UTF8.GetBytes(text), JsonLimits.Default);

    private static FrozenSet<string> ReadWords(string text) => text.Split(Separator, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
