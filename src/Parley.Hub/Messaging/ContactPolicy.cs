using Microsoft.Extensions.Logging;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Messaging;

/// <summary>The rules of who may write to whom, as agents and contacts stand now.</summary>
internal sealed partial class ContactPolicy : MessagePolicy
{
    private readonly AgentRegistry _agents;
    private readonly Contacts _contacts;
    private readonly ILogger<ContactPolicy> _logger;

    /// <summary>A policy over the hub's agents and contacts.</summary>
    public ContactPolicy(AgentRegistry agents, Contacts contacts, ILogger<ContactPolicy> logger)
    {
        _agents = agents;
        _contacts = contacts;
        _logger = logger;
    }

    /// <inheritdoc/>
    public override long Version => _agents.Version + _contacts.Version;

    /// <inheritdoc/>
    public override (AgentAddress Target, bool IsHeld) Resolve(AgentAddress sender, string target)
    {
        var address = _agents.Resolve(Principal.Of(sender), target);
        switch (_contacts.Check(sender, address))
        {
            case ContactState.Accepted:
                return (address, false);
            case ContactState.Blocked:
                // A blocked sender learns no more than a stranger would: that this address takes nothing of it.
                throw new ParleyException(ErrorCode.ContactBlocked, $"{address} does not take messages of {sender}.");
            default:
                _ = NoteAsync(sender, address);
                return (address, true);
        }
    }

    /// <inheritdoc/>
    public override bool IsAccepted(AgentAddress sender, AgentAddress receiver) => _contacts.Check(sender, receiver) == ContactState.Accepted;

    /// <inheritdoc/>
    public override bool IsBlocked(AgentAddress sender, AgentAddress receiver) => _contacts.Check(sender, receiver) == ContactState.Blocked;

    /// <inheritdoc/>
    public override bool HasFormerNames => _agents.HasFormerNames;

    /// <inheritdoc/>
    public override string CurrentOf(string address) =>
        AgentAddress.TryParse(address, out var parsed) && _agents.FindFormer(parsed) is { } agent ? agent.Address.ToString() : address;

    /// <inheritdoc/>
    public override void Reload(string address) => _ = RunAsync(() => _agents.ReloadAsync(AgentAddress.Parse(address)));

    /// <inheritdoc/>
    public override void ReloadContact(string owner, string senderOwner, string senderName) => _ = RunAsync(() => _contacts.ReloadAsync(owner, senderOwner, senderName));

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
