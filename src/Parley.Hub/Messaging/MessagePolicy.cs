using Microsoft.Data.Sqlite;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Messaging;

/// <summary>What the router asks the identity module: who is meant, and who may write to whom.</summary>
internal abstract class MessagePolicy
{
    /// <summary>Changes whenever agents or contacts change, so that answers may be remembered.</summary>
    public abstract long Version { get; }

    /// <summary>Finds whom a sender means, and whether the message is held until the receiver's owner accepts the sender.</summary>
    /// <exception cref="ParleyException">AgentUnknown, AgentAmbiguous, ContactBlocked.</exception>
    public abstract (AgentAddress Target, bool IsHeld) Resolve(AgentAddress sender, string target);

    /// <summary>Finds whom an agent means to meet from machine to machine, and whether its owner has not accepted the other yet.</summary>
    /// <exception cref="ParleyException">As <see cref="Resolve"/>.</exception>
    public virtual (AgentAddress Target, bool IsHeld) ResolvePeer(AgentAddress sender, string target) => Resolve(sender, target);

    /// <summary>Whether one agent may ask another to meet.</summary>
    public virtual bool MayMeet(AgentAddress asking, AgentAddress asked) => IsAccepted(asking, asked);

    /// <summary>Whether messages of a sender are taken by a receiver now.</summary>
    public abstract bool IsAccepted(AgentAddress sender, AgentAddress receiver);

    /// <summary>Whether a receiver's owner takes nothing of a sender.</summary>
    public virtual bool IsBlocked(AgentAddress sender, AgentAddress receiver) => false;

    /// <summary>Why a receiver does not get what a sender left for it, as things stand now: the sender was removed since, or blocked. Null when nothing speaks against it.</summary>
    public virtual ValueTask<ParleyException?> RefusalOfAsync(StoredEnvelope stored) => ValueTask.FromResult<ParleyException?>(null);

    /// <summary>The names that sender and receiver have in the commit that stores: either may have been renamed while the envelope was on its way there.</summary>
    /// <exception cref="ParleyException">AgentUnknown: the receiver was removed.</exception>
    public virtual (string Sender, string Receiver) NamesIn(SqliteConnection connection, string sender, string receiver) => (sender, receiver);

    /// <summary>Reads an agent again that another node changed.</summary>
    public abstract void Reload(string address);

    /// <summary>Reads a contact again that another node changed.</summary>
    public abstract void ReloadContact(string owner, string senderOwner, string senderName);

    /// <summary>Whether any agent was ever renamed: only then is <see cref="CurrentOf"/> worth a call.</summary>
    public virtual bool HasFormerNames => false;

    /// <summary>The address that an agent has now, by one that it had; any other address as it is.</summary>
    public virtual string CurrentOf(string address) => address;

    /// <summary>Whether an agent of this address is enrolled, or the hub speaks under it for callers that are none.</summary>
    public virtual bool IsThere(AgentAddress agent) => true;

    /// <summary>Whether one agent may answer another although the hub does not remember the request: either takes messages of the other, and the requester's owner has not blocked who answers.</summary>
    public bool MayAnswer(AgentAddress answering, AgentAddress requester) =>
        IsThere(requester) && !IsBlocked(answering, requester) && (IsAccepted(answering, requester) || IsAccepted(requester, answering));
}
