namespace Parley.Hub.Messaging;

/// <summary>The tables of mailboxes and receipts; Storage/HubSchema puts them into a migration.</summary>
/// <remarks>
/// A row of <c>mailbox</c> is an envelope that nobody acknowledged; it is deleted when someone did, when it expired, or when it was withdrawn.
/// Rows of <c>receipts</c> exist for envelopes that went through the store, and stay for their time to live.
/// </remarks>
internal static class MailboxSchema
{
    /// <summary>What marks the envelopes of a sender that was removed: whoever has its name next did not send them.</summary>
    public const string OrphansSql = "ALTER TABLE mailbox ADD COLUMN is_orphan INTEGER NOT NULL DEFAULT 0;";

    /// <summary>SQL of the migration.</summary>
    public const string Sql = """
        CREATE TABLE mailbox (
          row INTEGER PRIMARY KEY AUTOINCREMENT,
          receiver TEXT NOT NULL,
          sender TEXT NOT NULL,
          id TEXT NOT NULL,
          kind INTEGER NOT NULL,
          correlation TEXT NOT NULL,
          thread TEXT NOT NULL,
          type INTEGER NOT NULL,
          is_held INTEGER NOT NULL,
          size INTEGER NOT NULL,
          accepted_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          envelope BLOB NOT NULL
        );
        CREATE UNIQUE INDEX mailbox_by_id ON mailbox (sender, id);
        CREATE INDEX mailbox_by_receiver ON mailbox (receiver, row);
        CREATE INDEX mailbox_by_expiry ON mailbox (expires_at);
        CREATE TABLE receipts (
          sender TEXT NOT NULL,
          id TEXT NOT NULL,
          state INTEGER NOT NULL,
          receiver TEXT NOT NULL,
          at INTEGER NOT NULL,
          code TEXT NOT NULL,
          message TEXT NOT NULL,
          expires_at INTEGER NOT NULL,
          PRIMARY KEY (sender, id, state)
        ) WITHOUT ROWID;
        CREATE INDEX receipts_by_expiry ON receipts (expires_at);
        """;
}
