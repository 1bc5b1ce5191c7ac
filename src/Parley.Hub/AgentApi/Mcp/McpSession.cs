using Parley.Gateway.Mcp;

namespace Parley.Hub.AgentApi.Mcp;

/// <summary>One session of an MCP client with a key.</summary>
/// <param name="Id">Its id: a secret of its client.</param>
/// <param name="CredentialId">The key that began it; no other may use it.</param>
/// <param name="Server">The protocol's side.</param>
/// <param name="Tools">Its tools.</param>
internal sealed record McpSession(string Id, string CredentialId, McpServer Server, KeyTools Tools)
{
    private long _running;

    /// <summary>When it was used last.</summary>
    public long UsedAt { get; private set; }

    /// <summary>Whether a request is being answered.</summary>
    public bool IsBusy => Volatile.Read(ref _running) > 0;

    /// <summary>A request begins.</summary>
    public void Enter(long now)
    {
        UsedAt = now;
        Interlocked.Increment(ref _running);
    }

    /// <summary>A request is over.</summary>
    public void Leave(long now)
    {
        UsedAt = now;
        Interlocked.Decrement(ref _running);
    }
}
