namespace Parley.Protocol.Errors;

/// <summary>The status codes of gRPC, with the numbers that travel in the <c>grpc-status</c> trailer.</summary>
public enum GrpcStatusCode
{
    /// <summary>Done.</summary>
    OK = 0,

    /// <summary>Withdrawn by the caller.</summary>
    Cancelled = 1,

    /// <summary>No better code is known.</summary>
    Unknown = 2,

    /// <summary>An argument is wrong whatever the system's state.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed.</summary>
    DeadlineExceeded = 4,

    /// <summary>No such thing.</summary>
    NotFound = 5,

    /// <summary>It exists already.</summary>
    AlreadyExists = 6,

    /// <summary>Known caller, not allowed.</summary>
    PermissionDenied = 7,

    /// <summary>A quota or a size limit is reached.</summary>
    ResourceExhausted = 8,

    /// <summary>The system's state excludes it.</summary>
    FailedPrecondition = 9,

    /// <summary>Stopped by a concurrent act.</summary>
    Aborted = 10,

    /// <summary>Beyond the valid range.</summary>
    OutOfRange = 11,

    /// <summary>Not offered here.</summary>
    Unimplemented = 12,

    /// <summary>A broken invariant.</summary>
    Internal = 13,

    /// <summary>Not now; try again.</summary>
    Unavailable = 14,

    /// <summary>Lost or corrupt data.</summary>
    DataLoss = 15,

    /// <summary>No valid credential.</summary>
    Unauthenticated = 16,
}
