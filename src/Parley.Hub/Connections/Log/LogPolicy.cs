using Parley.Hub.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Connections.Log;

/// <summary>How much of a message the log keeps: the hub's mode, or for an owner's own rows the mode of the connection that brought the message.</summary>
/// <remarks>A hub that is told to keep nothing keeps nothing. A connection decides for the rows of its owner alone: the other side's are the hub's, else one owner could have another's answers written down.</remarks>
internal sealed class LogPolicy(MessageLogMode mode, Func<string, Connection?> find)
{
    /// <summary>The hub's mode.</summary>
    public MessageLogMode Mode => mode;

    /// <summary>The connection that brought a message, or whose message it answers; null for none.</summary>
    /// <remarks>Only the hub speaks as <c>owner.hub</c>, and its threads begin with the connection's id; the target is compared, since an answer's thread is its author's.</remarks>
    public Connection? ConnectionOf(Envelope envelope)
    {
        var isFromHub = CallerAddresses.IsHub(envelope.From);
        if (!isFromHub && !CallerAddresses.IsHub(envelope.To))
        {
            return null;
        }

        var (hub, agent) = isFromHub ? (envelope.From, envelope.To) : (envelope.To, envelope.From);
        var end = envelope.Thread.IndexOf('-', StringComparison.Ordinal);
        return find(end < 0 ? envelope.Thread : envelope.Thread[..end]) is { } found && LogRow.OwnerOf(hub) == found.Owner && found.Target?.ToString() == agent ? found : null;
    }

    /// <summary>The mode for one agent's row.</summary>
    /// <param name="agent">Whose view the row is.</param>
    /// <param name="connection">The connection, if there is one.</param>
    public MessageLogMode For(string agent, Connection? connection) =>
        mode != MessageLogMode.Off && connection is { Config.Log: { } own } && LogRow.OwnerOf(agent) == connection.Owner ? own : mode;
}
