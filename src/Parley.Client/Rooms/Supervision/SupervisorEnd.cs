namespace Parley.Client.Rooms.Supervision;

/// <summary>How a supervised session ended.</summary>
public enum SupervisorEnd
{
    /// <summary>The partner closed it, or it ran out.</summary>
    Closed,

    /// <summary>The hub was restarted, and the code to its room is spent.</summary>
    Lost,

    /// <summary>The runner failed, and the room was left.</summary>
    RunnerFailed,
}
