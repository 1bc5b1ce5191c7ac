namespace Parley.Hub.AgentApi.Conversations;

/// <summary>A response that can be followed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Caller">The credential that may.</param>
/// <param name="Agent">The agent's address.</param>
/// <param name="Thread">The thread as the agent knows it.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="ExpiresAt">When it is forgotten.</param>
internal sealed record KeptResponse(string Id, string Caller, string Agent, string Thread, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>SHA-256 of the conversation up to its end, while nothing follows it; null where nobody looks for it.</summary>
    public byte[]? Transcript { get; init; }

    /// <summary>The response as it was told, JSON; null unless its caller wanted it kept.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The id alone: content stays out of logs.</summary>
    public override string ToString() => $"KeptResponse({Id})";
}
