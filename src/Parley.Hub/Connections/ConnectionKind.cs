namespace Parley.Hub.Connections;

/// <summary>How events reach the target.</summary>
internal enum ConnectionKind
{
    /// <summary>As a signed webhook: to an address, or to an agent over its link.</summary>
    Webhook,

    /// <summary>As a message that the target's responder answers.</summary>
    Direct,
}

/// <summary>Whether events go out.</summary>
internal enum ConnectionStatus
{
    /// <summary>They do.</summary>
    Active,

    /// <summary>Somebody paused it: events wait.</summary>
    Paused,

    /// <summary>The receiver wants no more, or failed for too long: events become dead letters at once.</summary>
    Disabled,
}
