using Parley.Protocol.Messaging;

namespace Parley.Hub.Messaging;

/// <summary>The requests that one agent was given and has not answered: what it sends meanwhile inherits their hops.</summary>
/// <remarks>Bounded: beyond the limit the oldest is forgotten, so an agent that never answers costs little. The mailbox's gate guards it.</remarks>
internal sealed class OpenRequests
{
    /// <summary>Most requests remembered for one agent.</summary>
    public const int MaxCount = 4096;

    private readonly Dictionary<RequestKey, OpenRequest> _byKey = [];
    private long _last;

    /// <summary>How many are open. May be read without the gate, as a hint.</summary>
    public int Count => _byKey.Count;

    /// <summary>Notes that a request was delivered.</summary>
    public void Add(RequestKey key, OpenRequest request)
    {
        _byKey.TryAdd(key, request with { Order = ++_last });
        if (_byKey.Count > MaxCount)
        {
            ForgetOldest();
        }
    }

    /// <summary>The request, while it is open.</summary>
    public bool TryFind(RequestKey key, out OpenRequest request)
    {
        return _byKey.TryGetValue(key, out request);
    }

    /// <summary>Notes which node its sender is attached to.</summary>
    public void SetOrigin(RequestKey key, string node)
    {
        if (_byKey.TryGetValue(key, out var request))
        {
            _byKey[key] = request with { OriginNode = node };
        }
    }

    /// <summary>Notes that it was answered; false when it was not open.</summary>
    public bool Remove(RequestKey key) => _byKey.Remove(key);

    /// <summary>Notes that it was answered, and gives what was known of it; false when it was not open.</summary>
    public bool Remove(RequestKey key, out OpenRequest request) => _byKey.Remove(key, out request);

    /// <summary>Forgets all of them.</summary>
    public void Clear() => _byKey.Clear();

    /// <summary>The request that a new message of this agent follows from: the one it names as its cause, else the deepest that is open.</summary>
    /// <remarks>A sender that leaves its cause out therefore gains nothing: no agent can strip the chain.</remarks>
    public OpenRequest? CauseOf(string cause)
    {
        OpenRequest? deepest = null;
        var named = cause.Length == 0 ? default : MessageKey.Of(cause);
        foreach (var (key, request) in _byKey)
        {
            if (cause.Length > 0 && key.Id == named)
            {
                return request;
            }

            if (deepest is null || request.Hops > deepest.Value.Hops)
            {
                deepest = request;
            }
        }

        return deepest;
    }

    /// <summary>An eighth at a time, so that an agent over the limit does not pay for a search with each message.</summary>
    private void ForgetOldest()
    {
        foreach (var (key, _) in _byKey.OrderBy(entry => entry.Value.Order).Take(Math.Max(1, MaxCount / 8)).ToList())
        {
            _byKey.Remove(key);
        }
    }
}

/// <summary>Names a request: ids are unique per sender.</summary>
/// <param name="Sender">The sender's canonical address.</param>
/// <param name="Id">The envelope's id.</param>
internal readonly record struct RequestKey(string Sender, MessageKey Id)
{
    /// <summary>The key of an envelope's sender and id.</summary>
    public RequestKey(string sender, string id)
        : this(sender, MessageKey.Of(id))
    {
    }

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode();
}

/// <summary>What the hub remembers of a delivered request.</summary>
/// <param name="Hops">How many messages it followed from.</param>
/// <param name="Ancestry">The addresses that the chain passed, its sender last.</param>
/// <param name="OriginNode">The node where its sender is attached, null for this one.</param>
/// <param name="Order">Grows with each; the oldest are forgotten first.</param>
internal readonly record struct OpenRequest(uint Hops, IReadOnlyList<string> Ancestry, string? OriginNode, long Order = 0);
