namespace Parley.Hub.AgentApi.Mcp;

/// <summary>Limits of the sessions of MCP clients with a key.</summary>
internal sealed class McpSessionOptions
{
    /// <summary>Sessions at once of one key; the one that was idle longest goes for a new one.</summary>
    /// <value>1 to 100,000; 100.</value>
    public int MaxSessions { get; set; } = 100;

    /// <summary>How long a session may be idle before its place is free.</summary>
    /// <value>1 minute to 30 days; 1 hour.</value>
    public TimeSpan Idle { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Messages of one session that may wait for answers at once.</summary>
    /// <value>1 to 100,000; 100.</value>
    public int MaxPending { get; set; } = 100;
}
