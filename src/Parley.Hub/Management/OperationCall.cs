using Parley.Hub.Identity;

namespace Parley.Hub.Management;

/// <summary>One call of an operation.</summary>
/// <param name="caller">Who calls.</param>
/// <param name="source">From where: the caller's address, or the door.</param>
internal sealed class OperationCall(Principal caller, string source)
{
    /// <summary>Who calls.</summary>
    public Principal Caller => caller;

    /// <summary>From where.</summary>
    public string Source => source;

    /// <summary>What the audit shall say was acted on; null leaves the call out of the audit.</summary>
    public string? AuditTarget { get; private set; }

    /// <summary>More for the audit.</summary>
    public string AuditDetail { get; private set; } = string.Empty;

    /// <summary>Marks the call as an act that the audit remembers if it goes well.</summary>
    public void Remember(string target, string detail = "") => (AuditTarget, AuditDetail) = (target, detail);
}
