namespace Parley.Hub.Identity;

/// <summary>Whether an owner takes a sender's messages.</summary>
internal enum ContactState
{
    /// <summary>Nobody decided: messages are held.</summary>
    Pending,

    /// <summary>Taken.</summary>
    Accepted,

    /// <summary>Refused.</summary>
    Blocked,
}
