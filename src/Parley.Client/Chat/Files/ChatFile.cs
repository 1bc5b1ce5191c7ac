using Parley.Client.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.Chat.Files;

/// <summary>One file that is dropped into a chat, as a session of its own: its transfer goes on over new ways when paths of the chat break.</summary>
internal sealed class ChatFile(ChatTalk talk, bool isMine, long number, AgentAddress remote) : IPeerSession
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<FileWay> _opened = NewSource();
    private FileWay? _way;
    private int _try;

    /// <summary>Whether this end offered it.</summary>
    public bool IsMine => isMine;

    /// <summary>The number of the offer.</summary>
    public long Number => number;

    /// <inheritdoc/>
    public string Id { get; } = $"{(isMine ? "out" : "in")}-{number}";

    /// <inheritdoc/>
    public AgentAddress Remote => remote;

    /// <inheritdoc/>
    public PeerPurpose Purpose => PeerPurpose.Transfer;

    /// <inheritdoc/>
    public bool IsOpener => isMine;

    /// <inheritdoc/>
    public PeerTrust Trust => PeerTrust.Pinned;

    /// <inheritdoc/>
    public string Phrase => string.Empty;

    /// <inheritdoc/>
    public async Task<PeerPath> ConnectAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken)
    {
        FileWay way;
        if (isMine)
        {
            way = await talk.OpenWayAsync(this, ++_try, cancellationToken);
        }
        else
        {
            Task<FileWay> opened;
            lock (_gate)
            {
                opened = _opened.Task;
            }

            way = await opened.WaitAsync(cancellationToken);
            lock (_gate)
            {
                // Each way is taken once; the next call waits for the next.
                if (_opened.Task == opened)
                {
                    _opened = NewSource();
                }
            }
        }

        return new PeerPath(way, talk.PathKind, "inside of the chat");
    }

    /// <summary>The other end, whose file it is, began a way.</summary>
    /// <returns>Whether it is newer than those before it.</returns>
    public bool TakeWay(int number, FileWay way)
    {
        FileWay? former;
        lock (_gate)
        {
            if (number <= _try)
            {
                return false;
            }

            _try = number;
            (former, _way) = (_way, way);
            if (_opened.Task.IsCompleted)
            {
                _opened = NewSource();
            }

            _opened.TrySetResult(way);
        }

        // One way at a time: ways that nobody reads would keep what they brought.
        former?.Dispose();
        return true;
    }

    /// <summary>The chat is over.</summary>
    public void End(ParleyException reason)
    {
        lock (_gate)
        {
            if (!_opened.TrySetException(reason))
            {
                _opened = NewSource();
                _opened.SetException(reason);
            }

            // Nobody may be waiting.
            _ = _opened.Task.Exception;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        talk.Forget(this);
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource<FileWay> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
