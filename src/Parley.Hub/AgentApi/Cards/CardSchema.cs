namespace Parley.Hub.AgentApi.Cards;

/// <summary>Visibility of agents, and the tables of what they say of themselves. Rows go with their agent.</summary>
internal static class CardSchema
{
    /// <summary>The step that brings them.</summary>
    public const string Sql = """
        ALTER TABLE agents ADD COLUMN visibility INTEGER NOT NULL DEFAULT 1;
        UPDATE agents SET visibility = 3 WHERE is_public <> 0;
        ALTER TABLE agents DROP COLUMN is_public;
        CREATE TABLE agent_cards (
          agent_id INTEGER PRIMARY KEY,
          card TEXT NOT NULL,
          updated_at INTEGER NOT NULL
        );
        CREATE TABLE agent_listeners (
          agent_id INTEGER PRIMARY KEY,
          capabilities TEXT NOT NULL
        );
        CREATE TRIGGER agent_cards_leave AFTER DELETE ON agents BEGIN
          DELETE FROM agent_cards WHERE agent_id = OLD.id;
          DELETE FROM agent_listeners WHERE agent_id = OLD.id;
        END;
        """;
}
