using Parley.Client.Peering;

namespace Parley.Client.Transfer;

/// <summary>How far a transfer is, for whoever shows it: read at any time, from any thread.</summary>
public sealed class TransferProgress
{
    private long _bytes;
    private long _totalBytes = -1;
    private int _entries;
    private volatile string _current = string.Empty;
    private volatile PathText _path = new(null, string.Empty);
    private volatile bool _isConnecting;
    private volatile bool _isDeciding;

    /// <summary>Bytes that the receiver has, those that it had before included.</summary>
    public long Bytes { get => Interlocked.Read(ref _bytes); internal set => Interlocked.Exchange(ref _bytes, value); }

    /// <summary>Bytes in all; negative while that is not known.</summary>
    public long TotalBytes { get => Interlocked.Read(ref _totalBytes); internal set => Interlocked.Exchange(ref _totalBytes, value); }

    /// <summary>Entries that are done with.</summary>
    public int Entries { get => Volatile.Read(ref _entries); internal set => Volatile.Write(ref _entries, value); }

    /// <summary>The file that is under way; another end's word, for a terminal through a filter.</summary>
    public string Current { get => _current; internal set => _current = value; }

    /// <summary>How the bytes travel; null before a path is open.</summary>
    public PathKind? Path => _path.Kind;

    /// <summary>Why by this path.</summary>
    public string PathReason => _path.Reason;

    /// <summary>Whether a path is being looked for.</summary>
    public bool IsConnecting { get => _isConnecting; internal set => _isConnecting = value; }

    /// <summary>Whether the receiver looks at what it is offered.</summary>
    public bool IsDeciding { get => _isDeciding; internal set => _isDeciding = value; }

    /// <summary>A path is open.</summary>
    internal void Open(PeerPath path)
    {
        _path = new PathText(path.Kind, path.Reason);
        IsConnecting = false;
    }

    private sealed record PathText(PathKind? Kind, string Reason);
}
