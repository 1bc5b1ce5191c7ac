using Parley.Protocol.Identity;

namespace Parley.Hub.Backplane;

/// <summary>Carries envelopes between nodes and knows which node has an agent's listener. It has no rules: those live in the modules.</summary>
/// <remarks>
/// Messages from one node to one topic arrive in the order in which they were published; a message to a topic that
/// nobody subscribes to is lost, and the publisher relies on its own timeout. Every implementation passes BackplaneSpec.
/// </remarks>
internal interface IBackplane
{
    /// <summary>Calls the handler for every message to the topic until the result is disposed. The handler must not block.</summary>
    ValueTask<IAsyncDisposable> SubscribeAsync(Topic topic, Action<ReadOnlyMemory<byte>> handler, CancellationToken cancellationToken);

    /// <summary>Sends a message to whoever subscribes.</summary>
    /// <returns>How many subscribers it went to.</returns>
    ValueTask<int> PublishAsync(Topic topic, ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>Notes that the agent listens on a node. The entry with the higher epoch wins.</summary>
    ValueTask SetPresenceAsync(AgentAddress agent, Presence presence, CancellationToken cancellationToken);

    /// <summary>Removes the entry if it is still this one.</summary>
    ValueTask RemovePresenceAsync(AgentAddress agent, Presence presence, CancellationToken cancellationToken);

    /// <summary>Where the agent listens, null when nowhere.</summary>
    ValueTask<Presence?> FindPresenceAsync(AgentAddress agent, CancellationToken cancellationToken);
}

/// <summary>Where an agent listens.</summary>
/// <param name="Node">The node's id.</param>
/// <param name="Epoch">The session's epoch.</param>
internal sealed record Presence(string Node, ulong Epoch);

/// <summary>The address of a stream of messages between nodes.</summary>
/// <param name="Name">Its name; <see cref="Topics"/> makes them.</param>
internal readonly record struct Topic(string Name);

/// <summary>All topics there are.</summary>
internal static class Topics
{
    /// <summary>What every node must hear.</summary>
    public static Topic All { get; } = new("parley.all");

    /// <summary>What became of connections between agents.</summary>
    public static Topic Connections { get; } = new("parley.connections");

    /// <summary>The ids of API keys that were made or revoked.</summary>
    public static Topic Keys { get; } = new("parley.keys");

    /// <summary>Signals for sessions that hang on another node.</summary>
    public static Topic Signals { get; } = new("parley.signals");

    /// <summary>What one node must hear.</summary>
    public static Topic Node(string node) => new("parley.node." + node);
}
