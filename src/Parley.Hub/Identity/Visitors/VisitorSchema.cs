namespace Parley.Hub.Identity.Visitors;

/// <summary>Columns of invites and visitors.</summary>
internal static class VisitorSchema
{
    /// <summary>The step that adds them: a token with a visitor is an invite, an agent with a host is a visitor.</summary>
    public const string Sql = """
        ALTER TABLE join_tokens ADD COLUMN visitor TEXT;
        ALTER TABLE join_tokens ADD COLUMN host INTEGER;
        ALTER TABLE agents ADD COLUMN host INTEGER;
        ALTER TABLE agents ADD COLUMN ends_at INTEGER;
        CREATE INDEX join_tokens_by_host ON join_tokens (host) WHERE host IS NOT NULL;
        """;
}
