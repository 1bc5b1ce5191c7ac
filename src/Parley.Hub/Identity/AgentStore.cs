using Parley.Hub.Identity.Visitors;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.Identity;

/// <summary>Rows of <c>agents</c>. No rules: the methods run inside a work of the store.</summary>
internal static class AgentStore
{
    private const string Columns =
        "id, owner, name, public_key, key_agreement, tls_key, binding_signature, labels, enforced_labels, visibility, token, created_at, key_at, task_retention, host, ends_at";

    private const string InsertSql =
        "INSERT INTO agents (owner, name, public_key, key_agreement, tls_key, binding_signature, labels, enforced_labels, visibility, token, created_at, key_at, task_retention, host, ends_at) " +
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) RETURNING id";

    private const string ExistsSql =
        "SELECT 1 FROM agents WHERE owner = ?1 AND name = ?2 " +
        "UNION ALL SELECT 1 FROM former_names WHERE owner = ?1 AND name = ?2 AND agent_id IN (SELECT id FROM agents) LIMIT 1";

    private const string UpdateSql =
        "UPDATE agents SET owner = ?1, name = ?2, public_key = ?3, key_agreement = ?4, tls_key = ?5, binding_signature = ?6, labels = ?7, enforced_labels = ?8, " +
        "visibility = ?9, token = ?10, created_at = ?11, key_at = ?12, task_retention = ?13, host = ?14, ends_at = ?15 WHERE id = ?16";

    /// <summary>Every agent.</summary>
    public static List<Agent> Load(SqliteConnection connection)
    {
        var agents = new List<Agent>();
        var row = connection.Prepared($"SELECT {Columns} FROM agents ORDER BY id");
        while (row.Step())
        {
            agents.Add(Read(row));
        }

        return agents;
    }

    /// <summary>The agent of this address.</summary>
    public static Agent? Find(SqliteConnection connection, AgentAddress address) =>
        One(connection.Prepared($"SELECT {Columns} FROM agents WHERE owner = ?1 AND name = ?2").Bind(1, address.Owner).Bind(2, address.Name));

    /// <summary>Whether an agent has this address, or had it and is here under another.</summary>
    public static bool Exists(SqliteConnection connection, AgentAddress address)
    {
        var row = connection.Prepared(ExistsSql).Bind(1, address.Owner).Bind(2, address.Name);
        var isThere = row.Step();
        row.Reset();
        return isThere;
    }

    /// <summary>The agent of this row.</summary>
    public static Agent? Find(SqliteConnection connection, long id) => One(connection.Prepared($"SELECT {Columns} FROM agents WHERE id = ?1").Bind(1, id));

    /// <summary>The agent with this key.</summary>
    public static Agent? FindByKey(SqliteConnection connection, ReadOnlySpan<byte> publicKey) =>
        One(connection.Prepared($"SELECT {Columns} FROM agents WHERE public_key = ?1 AND length(public_key) > 0").Bind(1, publicKey));

    /// <summary>How many agents a token has enrolled that are still here.</summary>
    public static long CountOf(SqliteConnection connection, string tokenId)
    {
        var row = connection.Prepared("SELECT count(*) FROM agents WHERE token = ?1").Bind(1, tokenId);
        row.Step();
        var count = row.GetInt64(0);
        row.Reset();
        return count;
    }

    /// <summary>The names that agents had before, with the agent's row.</summary>
    public static List<(AgentAddress Former, long AgentId)> LoadFormer(SqliteConnection connection)
    {
        var found = new List<(AgentAddress, long)>();
        var row = connection.Prepared("SELECT owner, name, agent_id FROM former_names WHERE agent_id IN (SELECT id FROM agents)");
        while (row.Step())
        {
            found.Add((new AgentAddress(row.GetText(0)!, row.GetText(1)!), row.GetInt64(2)));
        }

        return found;
    }

    /// <summary>The agent that had this address before.</summary>
    public static Agent? FindFormer(SqliteConnection connection, AgentAddress address) => One(connection
        .Prepared($"SELECT {Columns} FROM agents WHERE id = (SELECT agent_id FROM former_names WHERE owner = ?1 AND name = ?2)").Bind(1, address.Owner).Bind(2, address.Name));

    /// <summary>Notes a name that an agent gives up, so that its home is known by it until it has heard of the new one.</summary>
    public static void AddFormer(SqliteConnection connection, Agent agent) => connection
        .Prepared("INSERT OR REPLACE INTO former_names (owner, name, agent_id) VALUES (?1, ?2, ?3)")
        .Bind(1, agent.Address.Owner).Bind(2, agent.Address.Name).Bind(3, agent.Id).Execute();

    /// <summary>A name is taken: it is nobody's former name any more.</summary>
    public static void DeleteFormer(SqliteConnection connection, AgentAddress address) => connection
        .Prepared("DELETE FROM former_names WHERE owner = ?1 AND name = ?2").Bind(1, address.Owner).Bind(2, address.Name).Execute();

    /// <summary>Adds a row and gives the agent with its id.</summary>
    public static Agent Insert(SqliteConnection connection, Agent agent)
    {
        DeleteFormer(connection, agent.Address);
        var row = Bind(connection.Prepared(InsertSql), agent);
        row.Step();
        var id = row.GetInt64(0);
        row.Reset();
        return agent with { Id = id };
    }

    /// <summary>Writes an agent over its row.</summary>
    public static void Update(SqliteConnection connection, Agent agent) => Bind(connection.Prepared(UpdateSql), agent).Bind(16, agent.Id).Execute();

    /// <summary>Deletes a row; false when it is gone.</summary>
    public static bool Delete(SqliteConnection connection, Agent agent) =>
        connection.Prepared("DELETE FROM agents WHERE id = ?1").Bind(1, agent.Id).Execute() == 1;

    private static SqliteStatement Bind(SqliteStatement statement, Agent agent) => statement
        .Bind(1, agent.Address.Owner).Bind(2, agent.Address.Name)
        .Bind(3, agent.PublicKey).Bind(4, agent.KeyAgreement).Bind(5, agent.TlsKey).Bind(6, agent.BindingSignature)
        .Bind(7, LabelsJson.Write(agent.Labels)).Bind(8, LabelsJson.Write(agent.EnforcedLabels)).Bind(9, (int)agent.Visibility)
        .Bind(10, agent.TokenId).Bind(11, agent.CreatedAt.ToUnixTimeMilliseconds()).Bind(12, agent.KeyAt.ToUnixTimeMilliseconds())
        .Bind(13, (long?)agent.TaskRetention?.TotalMilliseconds).Bind(14, agent.Visit?.HostId).Bind(15, agent.Visit?.EndsAt.ToUnixTimeMilliseconds());

    private static Agent? One(SqliteStatement row)
    {
        var agent = row.Step() ? Read(row) : null;
        row.Reset();
        return agent;
    }

    private static Agent Read(SqliteStatement row) => new(
        row.GetInt64(0),
        new AgentAddress(row.GetText(1)!, row.GetText(2)!),
        row.GetBytes(3).ToArray(),
        row.GetBytes(4).ToArray(),
        row.GetBytes(5).ToArray(),
        row.GetBytes(6).ToArray(),
        LabelsJson.Read(row.GetText(7)!),
        LabelsJson.Read(row.GetText(8)!),
        (AgentVisibility)row.GetInt64(9),
        row.GetText(10)!,
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(11)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(12)))
    {
        TaskRetention = row.IsNull(13) ? null : TimeSpan.FromMilliseconds(row.GetInt64(13)),
        Visit = row.IsNull(14) ? null : new Visit(row.GetInt64(14), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(15))),
    };
}
