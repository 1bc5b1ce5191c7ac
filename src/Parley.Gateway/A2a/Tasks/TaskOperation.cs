namespace Parley.Gateway.A2a.Tasks;

/// <summary>What a caller does with a task that exists, as far as its state matters.</summary>
public enum TaskOperation
{
    /// <summary>Reads it; always allowed.</summary>
    Read,

    /// <summary>Sends a further message; not after the end.</summary>
    Send,

    /// <summary>Follows its events; not after the end.</summary>
    Subscribe,

    /// <summary>Cancels it; not after the end.</summary>
    Cancel,

    /// <summary>Sets, reads or deletes push configs; always allowed.</summary>
    Push,
}
