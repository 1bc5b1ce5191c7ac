using Parley.Gateway.Mcp;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Mcp;

/// <summary>The sessions of MCP clients with a key, in memory. A client whose session is gone begins another.</summary>
internal sealed class McpSessions : IDisposable
{
    private const int IdBytes = 20;

    private static readonly McpServerCard _card = new(typeof(McpSessions).Assembly.GetName().Version!.ToString(3), McpServerCard.CommonInstructions);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, McpSession> _byId = new(StringComparer.Ordinal);
    private readonly McpParts _parts;
    private readonly ITimer _timer;

    /// <summary>The sessions of one hub.</summary>
    public McpSessions(McpParts parts)
    {
        _parts = parts;

        // Answers that a client left behind take room from all callers of its owner: they go though no other client comes.
        _timer = parts.Time.CreateTimer(static sessions => ((McpSessions)sessions!).EndIdle(), this, parts.Options.Idle, parts.Options.Idle);
    }

    /// <summary>Begins a session, with one request in hand.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>: all places of the key are busy.</exception>
    public McpSession Begin(Principal caller)
    {
        Span<byte> id = stackalloc byte[IdBytes];
        _parts.Random(id);
        var tools = new KeyTools(caller, _parts);
        var session = new McpSession("mcp_" + Convert.ToHexStringLower(id), caller.CredentialId, new McpServer(_card, tools), tools);
        session.Enter(_parts.Time.GetTimestamp());
        lock (_gate)
        {
            EndIdle();
            var own = _byId.Values.Where(other => other.CredentialId == caller.CredentialId).ToList();
            if (own.Count >= _parts.Options.MaxSessions)
            {
                Remove(own.Where(other => !other.IsBusy).MinBy(other => other.UsedAt)
                    ?? throw new ParleyException(ErrorCode.RateLimited, "The key has too many sessions at once."));
            }

            _byId.Add(session.Id, session);
        }

        return session;
    }

    /// <summary>Takes a session into use.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>: gone, or another key's.</exception>
    public McpSession Enter(Principal caller, string id)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out var session) || session.CredentialId != caller.CredentialId || IsIdle(session))
            {
                throw new ParleyException(ErrorCode.NotFound, "There is no such session of this key: begin another with initialize.");
            }

            session.Enter(_parts.Time.GetTimestamp());
            return session;
        }
    }

    /// <summary>A request is over.</summary>
    public void Leave(McpSession session) => session.Leave(_parts.Time.GetTimestamp());

    /// <summary>Ends a session; answers that were not read are let go.</summary>
    public void End(McpSession session)
    {
        lock (_gate)
        {
            Remove(session);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void EndIdle()
    {
        lock (_gate)
        {
            foreach (var idle in _byId.Values.Where(IsIdle).ToList())
            {
                Remove(idle);
            }
        }
    }

    private bool IsIdle(McpSession session) => !session.IsBusy && _parts.Time.GetElapsedTime(session.UsedAt) > _parts.Options.Idle;

    private void Remove(McpSession session)
    {
        _byId.Remove(session.Id);
        session.Tools.Dispose();
    }
}
