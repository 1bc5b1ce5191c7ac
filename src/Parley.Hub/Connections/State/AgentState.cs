namespace Parley.Hub.Connections.State;

/// <summary>The state that an agent shares, or a part of it.</summary>
/// <param name="Version">Grows by one with each change; 0: nothing was written yet.</param>
/// <param name="Data">A JSON object, UTF-8.</param>
/// <param name="UpdatedAt">When it was changed last; null while nothing was written.</param>
internal sealed record AgentState(long Version, byte[] Data, DateTimeOffset? UpdatedAt)
{
    /// <summary>The state of an agent that wrote none.</summary>
    public static AgentState None { get; } = new(0, "{}"u8.ToArray(), null);

    /// <summary>Its version as an entity tag.</summary>
    public string ETag => $"\"{Version}\"";
}
