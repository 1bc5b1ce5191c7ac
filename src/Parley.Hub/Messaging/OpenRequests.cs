namespace Parley.Hub.Messaging;

/// <summary>The requests that one agent was given and has not answered: what it sends meanwhile inherits their hops.</summary>
/// <remarks>Bounded: beyond the limit the oldest is forgotten, so an agent that never answers costs little. The mailbox's gate guards it.</remarks>
internal sealed class OpenRequests
{
    /// <summary>Most requests remembered for one agent.</summary>
    public const int MaxCount = 4096;

    private Dictionary<RequestKey, OpenRequest>? _byKey;
    private Queue<RequestKey>? _order;

    /// <summary>How many are open.</summary>
    public int Count => _byKey?.Count ?? 0;

    /// <summary>Notes that a request was delivered.</summary>
    public void Add(RequestKey key, OpenRequest request)
    {
        _byKey ??= [];
        _order ??= new Queue<RequestKey>();
        if (_byKey.TryAdd(key, request))
        {
            _order.Enqueue(key);
        }

        while (_order.Count > MaxCount * 2 || _byKey.Count > MaxCount)
        {
            _byKey.Remove(_order.Dequeue());
        }
    }

    /// <summary>The request, while it is open.</summary>
    public bool TryFind(RequestKey key, out OpenRequest request)
    {
        request = default;
        return _byKey is not null && _byKey.TryGetValue(key, out request);
    }

    /// <summary>Notes which node its sender is attached to.</summary>
    public void SetOrigin(RequestKey key, string node)
    {
        if (_byKey is not null && _byKey.TryGetValue(key, out var request))
        {
            _byKey[key] = request with { OriginNode = node };
        }
    }

    /// <summary>Notes that it was answered; false when it was not open.</summary>
    public bool Remove(RequestKey key)
    {
        if (_byKey is null || !_byKey.Remove(key))
        {
            return false;
        }

        if (_byKey.Count == 0)
        {
            _order!.Clear();
        }

        return true;
    }

    /// <summary>The request that a new message of this agent follows from: the one it names as its cause, else the deepest that is open.</summary>
    /// <remarks>A sender that leaves its cause out therefore gains nothing: no agent can strip the chain.</remarks>
    public OpenRequest? CauseOf(string cause)
    {
        OpenRequest? deepest = null;
        if (_byKey is null)
        {
            return null;
        }

        foreach (var (key, request) in _byKey)
        {
            if (cause.Length > 0 && key.Id == cause)
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
}

/// <summary>Names a request: ids are unique per sender.</summary>
/// <param name="Sender">The sender's canonical address.</param>
/// <param name="Id">The envelope's id.</param>
internal readonly record struct RequestKey(string Sender, string Id);

/// <summary>What the hub remembers of a delivered request.</summary>
/// <param name="Hops">How many messages it followed from.</param>
/// <param name="Ancestry">The addresses that the chain passed, its sender last.</param>
/// <param name="OriginNode">The node where its sender is attached, null for this one.</param>
internal readonly record struct OpenRequest(uint Hops, IReadOnlyList<string> Ancestry, string? OriginNode);
