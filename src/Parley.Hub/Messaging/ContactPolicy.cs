using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Visitors;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Messaging;

/// <summary>The rules of who may write to whom, as agents and contacts stand now.</summary>
internal sealed partial class ContactPolicy : MessagePolicy
{
    private readonly AgentRegistry _agents;
    private readonly Contacts _contacts;
    private readonly Invites _invites;
    private readonly ILogger<ContactPolicy> _logger;

    /// <summary>A policy over the hub's agents, contacts and invites.</summary>
    public ContactPolicy(AgentRegistry agents, Contacts contacts, Invites invites, ILogger<ContactPolicy> logger)
    {
        _agents = agents;
        _contacts = contacts;
        _invites = invites;
        _logger = logger;
    }

    /// <inheritdoc/>
    public override long Version => _agents.Version + _contacts.Version;

    /// <inheritdoc/>
    public override (AgentAddress Target, bool IsHeld) Resolve(AgentAddress sender, string target)
    {
        var found = ResolvePeer(sender, target);
        return MayWrite(sender, found.Target) ? found : throw new ParleyException(
            ErrorCode.Unsupported, $"{sender} and {found.Target} exchange no messages, since one of them is a visitor: they meet by parley p2p.");
    }

    /// <inheritdoc/>
    public override (AgentAddress Target, bool IsHeld) ResolvePeer(AgentAddress sender, string target)
    {
        var address = ResolveOrWait(sender, target);
        switch (_contacts.Check(sender, address))
        {
            case ContactState.Accepted:
                return (address, false);
            case ContactState.Blocked:
                throw Blocked(sender, address);
            default:
                _ = NoteAsync(sender, address);
                return (address, true);
        }
    }

    /// <inheritdoc/>
    public override bool MayMeet(AgentAddress asking, AgentAddress asked) =>
        _contacts.Check(asking, asked) == ContactState.Accepted && VisitorRules.MayMeet(_agents.Find(asking), _agents.Find(asked));

    /// <inheritdoc/>
    public override bool IsAccepted(AgentAddress sender, AgentAddress receiver) => _contacts.Check(sender, receiver) == ContactState.Accepted && MayWrite(sender, receiver);

    /// <inheritdoc/>
    public override bool IsBlocked(AgentAddress sender, AgentAddress receiver) => _contacts.Check(sender, receiver) == ContactState.Blocked;

    /// <inheritdoc/>
    public override async ValueTask<ParleyException?> RefusalOfAsync(StoredEnvelope stored)
    {
        var (sender, receiver) = (AgentAddress.Parse(stored.Envelope.From), AgentAddress.Parse(stored.Receiver));

        // Another node may have enrolled the sender a moment ago: only the store knows that it is gone.
        if (stored.IsOrphan || (!CallerAddresses.Is(sender) && !await _agents.IsEnrolledAsync(sender)))
        {
            return new ParleyException(ErrorCode.AgentRevoked, $"{sender} was removed before {receiver} took the message.");
        }

        return IsBlocked(sender, receiver) ? Blocked(sender, receiver) : null;
    }

    /// <inheritdoc/>
    public override (string Sender, string Receiver) NamesIn(SqliteConnection connection, string sender, string receiver)
    {
        var address = AgentAddress.Parse(receiver);
        if (!CallerAddresses.Is(address) && !AgentStore.Exists(connection, address))
        {
            throw new ParleyException(ErrorCode.AgentUnknown, $"{receiver} was removed.");
        }

        return (NameIn(connection, sender), NameIn(connection, receiver));
    }

    /// <inheritdoc/>
    public override bool IsThere(AgentAddress agent) => CallerAddresses.Is(agent) || _agents.Find(agent) is not null;

    /// <inheritdoc/>
    public override bool HasFormerNames => _agents.HasFormerNames;

    /// <inheritdoc/>
    public override string CurrentOf(string address) =>
        AgentAddress.TryParse(address, out var parsed) && _agents.FindFormer(parsed) is { } agent ? agent.Address.ToString() : address;

    /// <inheritdoc/>
    public override void Reload(string address) => _ = RunAsync(() => _agents.ReloadAsync(AgentAddress.Parse(address)));

    /// <inheritdoc/>
    public override void ReloadContact(string owner, string senderOwner, string senderName) => _ = RunAsync(() => _contacts.ReloadAsync(owner, senderOwner, senderName));

    // A blocked sender learns no more than a stranger would: that this address takes nothing of it.
    private static ParleyException Blocked(AgentAddress sender, AgentAddress receiver) => new(ErrorCode.ContactBlocked, $"{receiver} does not take messages of {sender}.");

    private static string NameIn(SqliteConnection connection, string address) =>
        AgentStore.FindFormer(connection, AgentAddress.Parse(address)) is { } renamed ? renamed.Address.ToString() : address;

    private AgentAddress ResolveOrWait(AgentAddress sender, string target)
    {
        try
        {
            return _agents.Resolve(Principal.Of(sender), target);
        }
        catch (ParleyException unknown) when (unknown.Code == ErrorCode.AgentUnknown && _invites.IsExpected(sender, target))
        {
            throw new ParleyException(ErrorCode.AgentOffline, "Whoever was invited by that name has not opened the link yet.", unknown);
        }
    }

    private bool MayWrite(AgentAddress sender, AgentAddress receiver) => VisitorRules.MayWrite(_agents.Find(sender), _agents.Find(receiver));

    private Task NoteAsync(AgentAddress sender, AgentAddress receiver) => RunAsync(() => _contacts.NoteAsync(sender, receiver));

    private async Task RunAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Agents or contacts could not be brought up to date")]
    private partial void LogFailed(Exception exception);
}
