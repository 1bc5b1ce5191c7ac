using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.Identity;

/// <summary>Whose messages each owner takes. An owner's own agents always; others wait until somebody decides.</summary>
/// <remarks>A decision on one agent goes before one on all agents of its owner. Everything is in memory; the store is asked once, at the start.</remarks>
internal sealed class Contacts
{
    private const string SelectSql = "SELECT owner, sender_owner, sender_name, state, created_at, decided_at FROM contacts";

    private readonly ConcurrentDictionary<Key, Contact> _contacts = new();
    private readonly SqliteStore _store;
    private readonly CommitOrder _order;
    private readonly TimeProvider _time;
    private readonly int _maxPending;
    private long _version;

    /// <summary>Contacts in a store that has the table.</summary>
    /// <param name="store">The store.</param>
    /// <param name="order">In which changes come to memory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="maxPending">Undecided senders that one owner's list holds; messages of further ones are held just the same, but their senders are not listed.</param>
    public Contacts(SqliteStore store, CommitOrder order, TimeProvider time, int maxPending) => (_store, _order, _time, _maxPending) = (store, order, time, maxPending);

    /// <summary>Told after a decision, and of a sender that waits for one; on a decision the mailbox lets held messages go.</summary>
    public event Action<ContactChange>? Changed;

    /// <summary>Grows with every decision, so that others may remember what they asked.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Reads all from the store; called once, before the doors open.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        foreach (var contact in await _store.ReadAsync(LoadRows, cancellationToken))
        {
            _contacts[new Key(contact.Owner, contact.SenderOwner, contact.SenderName)] = contact;
        }
    }

    /// <summary>Whether the receiver takes the sender's messages.</summary>
    public ContactState Check(AgentAddress from, AgentAddress to)
    {
        if (from.Owner == to.Owner)
        {
            return ContactState.Accepted;
        }

        if (_contacts.TryGetValue(new Key(to.Owner, from.Owner, from.Name), out var one) && one.State != ContactState.Pending)
        {
            return one.State;
        }

        return _contacts.TryGetValue(new Key(to.Owner, from.Owner, string.Empty), out var all) ? all.State : ContactState.Pending;
    }

    /// <summary>Whether an owner accepted an agent of another, or it is its own.</summary>
    public bool IsAccepted(string owner, AgentAddress other) => Check(other, new AgentAddress(owner, string.Empty)) == ContactState.Accepted;

    /// <summary>An owner's decisions and what waits for one, undecided first.</summary>
    public IReadOnlyList<Contact> ListOf(string owner) =>
        [.. _contacts.Values.Where(contact => contact.Owner == owner).OrderBy(contact => contact.State).ThenBy(contact => contact.Sender, StringComparer.Ordinal)];

    /// <summary>Notes that a sender's message waits for a decision; does nothing when it is known.</summary>
    public async Task NoteAsync(AgentAddress from, AgentAddress to, CancellationToken cancellationToken = default)
    {
        var key = new Key(to.Owner, from.Owner, from.Name);
        if (from.Owner == to.Owner || _contacts.ContainsKey(key) ||
            _contacts.Values.Count(contact => contact.Owner == to.Owner && contact.State == ContactState.Pending) >= _maxPending)
        {
            return;
        }

        var contact = new Contact(key.Owner, key.SenderOwner, key.SenderName, ContactState.Pending, _time.GetUtcNow(), null);
        if (_contacts.TryAdd(key, contact))
        {
            // Never over a decision, which may have been made since.
            await _order.WriteAsync(
                connection => Insert(connection, contact, "DO NOTHING"),
                _ => Changed?.Invoke(new ContactChange(key.Owner, key.SenderOwner, key.SenderName, ContactState.Pending)),
                cancellationToken);
        }
    }

    /// <summary>Reads one contact anew, because another node of this hub changed it.</summary>
    public Task ReloadAsync(string owner, string senderOwner, string senderName, CancellationToken cancellationToken = default)
    {
        var key = new Key(owner, senderOwner, senderName);
        return _order.ReadAsync(
            connection => LoadRows(connection, key),
            found =>
            {
                if (found is [var contact])
                {
                    Apply(key, contact, isFromElsewhere: true);
                }
            },
            cancellationToken);
    }

    /// <summary>Decides about an agent, or about all agents of an owner.</summary>
    /// <param name="owner">Who decides.</param>
    /// <param name="sender"><c>owner.name</c>, or <c>owner.*</c> for all.</param>
    /// <param name="state">Accepted or blocked.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public async Task<Contact> DecideAsync(string owner, string sender, ContactState state, CancellationToken cancellationToken = default)
    {
        var key = ParseSender(owner, sender);
        var now = _time.GetUtcNow();
        var since = _contacts.TryGetValue(key, out var present) ? present.CreatedAt : now;
        var contact = new Contact(key.Owner, key.SenderOwner, key.SenderName, state, since, now);
        return await _order.WriteAsync(
            connection =>
            {
                Insert(connection, contact, "DO UPDATE SET state = excluded.state, decided_at = excluded.decided_at");
                return contact;
            },
            _ => Apply(key, contact, isFromElsewhere: false),
            cancellationToken);
    }

    /// <summary>Carries decisions on one agent over to its new name, or forgets them; part of the same commit as the change of the agent.</summary>
    /// <remarks>An owner's decision on the agent goes before its own on the new name, which nobody had until now; where it made none on the agent, what it said of the new name stands.</remarks>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress? to)
    {
        if (to is { } target)
        {
            connection.Prepared(
                    "DELETE FROM contacts WHERE sender_owner = ?2 AND sender_name = ?1 AND " +
                    "owner IN (SELECT owner FROM contacts WHERE sender_owner = ?2 AND sender_name = ?3 AND state <> ?4)")
                .Bind(1, target.Name).Bind(2, from.Owner).Bind(3, from.Name).Bind(4, (int)ContactState.Pending).Execute();
            connection.Prepared(
                    "DELETE FROM contacts WHERE sender_owner = ?2 AND sender_name = ?3 AND " +
                    "owner IN (SELECT owner FROM contacts WHERE sender_owner = ?2 AND sender_name = ?1)")
                .Bind(1, target.Name).Bind(2, from.Owner).Bind(3, from.Name).Execute();
            connection.Prepared("UPDATE contacts SET sender_name = ?1 WHERE sender_owner = ?2 AND sender_name = ?3")
                .Bind(1, target.Name).Bind(2, from.Owner).Bind(3, from.Name).Execute();
        }
        else
        {
            connection.Prepared("DELETE FROM contacts WHERE sender_owner = ?1 AND sender_name = ?2").Bind(1, from.Owner).Bind(2, from.Name).Execute();
        }
    }

    /// <summary>The same in memory, after the commit: a name that is given again must not inherit trust.</summary>
    public void ApplyRename(AgentAddress from, AgentAddress? to)
    {
        foreach (var (key, contact) in _contacts.Where(entry => entry.Key.SenderOwner == from.Owner && entry.Key.SenderName == from.Name).ToList())
        {
            _contacts.TryRemove(key, out _);
            if (to is { } target && (key with { SenderName = target.Name }) is var renamed && (contact.State != ContactState.Pending || !_contacts.ContainsKey(renamed)))
            {
                _contacts[renamed] = contact with { SenderName = target.Name };
            }
        }

        Interlocked.Increment(ref _version);
    }

    private void Apply(Key key, Contact contact, bool isFromElsewhere)
    {
        _contacts[key] = contact;
        Interlocked.Increment(ref _version);
        Changed?.Invoke(new ContactChange(key.Owner, key.SenderOwner, key.SenderName, contact.State, isFromElsewhere));
    }

    private static Key ParseSender(string owner, string sender)
    {
        if (AgentAddress.TryParse(sender, out var address))
        {
            return new Key(owner, address.Owner, address.Name);
        }

        return sender.EndsWith(".*", StringComparison.Ordinal) && Names.IsValid(sender.AsSpan(..^2))
            ? new Key(owner, sender[..^2], string.Empty)
            : throw new ParleyException(ErrorCode.InvalidArgument, "A contact is owner.name, or owner.* for all agents of an owner.");
    }

    private static int Insert(SqliteConnection connection, Contact contact, string whenKnown) =>
        connection.Prepared(
                "INSERT INTO contacts (owner, sender_owner, sender_name, state, created_at, decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) " +
                $"ON CONFLICT (owner, sender_owner, sender_name) {whenKnown}")
            .Bind(1, contact.Owner).Bind(2, contact.SenderOwner).Bind(3, contact.SenderName).Bind(4, (int)contact.State)
            .Bind(5, contact.CreatedAt.ToUnixTimeMilliseconds()).Bind(6, contact.DecidedAt?.ToUnixTimeMilliseconds()).Execute();

    private static List<Contact> LoadRows(SqliteConnection connection) => Read(connection.Prepared(SelectSql));

    private static List<Contact> LoadRows(SqliteConnection connection, Key key) => Read(
        connection.Prepared(SelectSql + " WHERE owner = ?1 AND sender_owner = ?2 AND sender_name = ?3").Bind(1, key.Owner).Bind(2, key.SenderOwner).Bind(3, key.SenderName));

    private static List<Contact> Read(SqliteStatement row)
    {
        var contacts = new List<Contact>();
        while (row.Step())
        {
            contacts.Add(new Contact(
                row.GetText(0)!,
                row.GetText(1)!,
                row.GetText(2)!,
                (ContactState)row.GetInt64(3),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                row.IsNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))));
        }

        return contacts;
    }

    private readonly record struct Key(string Owner, string SenderOwner, string SenderName);
}
