namespace Parley.Client.Rooms.Supervision;

/// <summary>How a session is begun and what it is for.</summary>
/// <param name="Mode">Who calls whom.</param>
/// <param name="Label">What the agent is called.</param>
public sealed record SupervisorOptions(SupervisorMode Mode, string Label)
{
    /// <summary>What a host asks its partner for.</summary>
    public string? Goal { get; init; }

    /// <summary>The code to redeem: an invite for a joiner, a listener code for a host; null: a room is made.</summary>
    public string? Code { get; init; }

    /// <summary>The rule that agents ask nobody.</summary>
    public bool IsHeadless { get; init; }

    /// <summary>How long a runner may take; null: as long as it likes.</summary>
    public TimeSpan? RunnerTimeout { get; init; }
}

/// <summary>Who calls whom.</summary>
public enum SupervisorMode
{
    /// <summary>Invites a joiner, or calls a listener, and speaks first.</summary>
    Host,

    /// <summary>Redeems an invite.</summary>
    Join,

    /// <summary>Waits for a host with a listener code.</summary>
    Listen,
}
