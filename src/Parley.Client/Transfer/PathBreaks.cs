using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>Counts paths that broke without a byte of progress, and gives up at some number.</summary>
internal sealed class PathBreaks(TransferLimits limits, TransferProgress progress)
{
    /// <summary>Failures that a result lists.</summary>
    public const int MaxFailures = 1000;

    private long _bytes = -1;
    private int _idle;

    /// <summary>A path broke.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentOffline"/>: this does not lead anywhere.</exception>
    public void Note(Exception exception)
    {
        _idle = progress.Bytes > _bytes ? 0 : _idle + 1;
        _bytes = progress.Bytes;
        if (_idle >= limits.MaxIdlePaths)
        {
            // Of a stream, whose size nobody knows, nothing can be gone on with.
            throw new ParleyException(ErrorCode.AgentOffline, $"{_idle} paths in a row broke at once; send again{(progress.TotalBytes < 0 ? string.Empty : " to go on where it was")}.", exception);
        }
    }
}
