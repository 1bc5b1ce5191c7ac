namespace Parley.WebRtc.Sctp.Wire;

/// <summary>How a request about streams ended (RFC 6525, section 4.4).</summary>
internal enum ReconfigResult : uint
{
    NothingToDo = 0,
    Performed = 1,
    Denied = 2,
    WrongSsn = 3,
    AlreadyInProgress = 4,
    BadRequestNumber = 5,

    /// <summary>Not yet: data from before the reset is still missing, or too much waits for its reader. The request is to be repeated.</summary>
    InProgress = 6,
}
