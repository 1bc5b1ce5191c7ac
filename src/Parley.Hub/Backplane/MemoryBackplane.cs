using System.Collections.Concurrent;
using System.Collections.Immutable;
using Parley.Protocol.Identity;

namespace Parley.Hub.Backplane;

/// <summary>The backplane of nodes that live in one process: the default for a single hub, and of tests with several.</summary>
internal sealed class MemoryBackplane : IBackplane
{
    private readonly ConcurrentDictionary<AgentAddress, Presence> _presence = new();
    private readonly Lock _gate = new();
    private ImmutableDictionary<Topic, ImmutableArray<Action<ReadOnlyMemory<byte>>>> _handlers =
        ImmutableDictionary<Topic, ImmutableArray<Action<ReadOnlyMemory<byte>>>>.Empty;

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> SubscribeAsync(Topic topic, Action<ReadOnlyMemory<byte>> handler, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _handlers = _handlers.SetItem(topic, _handlers.GetValueOrDefault(topic, []).Add(handler));
        }

        return ValueTask.FromResult<IAsyncDisposable>(new Subscription(this, topic, handler));
    }

    /// <inheritdoc/>
    public ValueTask<int> PublishAsync(Topic topic, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var handlers = _handlers.GetValueOrDefault(topic, []);
        foreach (var handler in handlers)
        {
            handler(message);
        }

        return ValueTask.FromResult(handlers.Length);
    }

    /// <inheritdoc/>
    public ValueTask SetPresenceAsync(AgentAddress agent, Presence presence, CancellationToken cancellationToken)
    {
        _presence.AddOrUpdate(agent, presence, (_, present) => present.Epoch > presence.Epoch ? present : presence);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemovePresenceAsync(AgentAddress agent, Presence presence, CancellationToken cancellationToken)
    {
        _presence.TryRemove(KeyValuePair.Create(agent, presence));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Presence?> FindPresenceAsync(AgentAddress agent, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_presence.GetValueOrDefault(agent));

    private sealed class Subscription(MemoryBackplane owner, Topic topic, Action<ReadOnlyMemory<byte>> handler) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lock (owner._gate)
            {
                owner._handlers = owner._handlers.SetItem(topic, owner._handlers.GetValueOrDefault(topic, []).Remove(handler));
            }

            return ValueTask.CompletedTask;
        }
    }
}
