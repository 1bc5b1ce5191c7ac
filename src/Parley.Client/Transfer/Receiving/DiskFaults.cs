using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <summary>What the disk says becomes a refusal, so that it is not taken for a broken path.</summary>
internal static class DiskFaults
{
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int NoAccess = 13;
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int DiskFullWindows = unchecked((int)0x80070070);

    /// <summary>Whether a failure is the disk's.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>Whether a failure is that of one file, after which others can come.</summary>
    public static bool IsOfFile(Exception exception) => Is(exception) || exception is ParleyException { Code: ErrorCode.TransferPath or ErrorCode.Conflict or ErrorCode.TransferFile };

    /// <summary>The refusal: of all files when the disk is full, of this one otherwise.</summary>
    public static ParleyException Of(Exception exception) =>
        exception as ParleyException ??
        (exception is IOException && exception.HResult is NoSpace or QuotaLinux or QuotaMac or DiskFullWindows
            ? new ParleyException(ErrorCode.TransferSpace, "The receiver's disk is full; what was verified is kept, and sent again when there is room it goes on there.", exception)
            : new ParleyException(ErrorCode.TransferFile, Explain(exception), exception));

    private static string Explain(Exception exception) => exception.HResult switch
    {
        NotPermitted or NoAccess => "The receiver may not write into its folder.",
        NoEntry => "The receiver's folder is gone.",
        ReadOnly => "The receiver's disk takes no writes.",
        _ => "The receiver cannot write the file.",
    };
}
