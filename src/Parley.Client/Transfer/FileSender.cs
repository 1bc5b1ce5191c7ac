using Microsoft.Extensions.Logging;
using Parley.Client.Peering;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Sending;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>Sends files and folders over one session, on as many paths as it takes: where one breaks, the next goes on.</summary>
/// <param name="session">The session; its disposal is the caller's.</param>
/// <param name="options">What is sent.</param>
/// <param name="progress">Told how far it is.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
public sealed partial class FileSender(IPeerSession session, SendOptions options, TransferProgress progress, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Manifest _manifest = new(options.Limits) { Mode = options.Mode, Patterns = options.Excludes };
    private readonly ChunkBuffers _pool = new(options.Limits.ChunkBytes);
    private readonly Dictionary<int, Refusal> _failures = [];
    private readonly StreamChunks? _stream = options.Stream is null ? null : new StreamChunks(options.Stream, options.Limits.ChunkBytes);
    private readonly RateLimit? _rate = options.BytesPerSecond is { } rate ? new RateLimit(rate, time) : null;
    private SourceTree? _tree;
    private IEnumerator<ManifestEntry>? _walk;
    private ParleyException? _walkFailure;
    private bool _isWalked;

    /// <summary>What is offered; complete once the receiver has been asked.</summary>
    public Manifest Manifest => _manifest;

    /// <summary>Opens a folder by its path.</summary>
    internal Func<string, Folder> OpenFolder { get; init; } = Folder.Open;

    private TimeProvider Time => time;

    private TransferProgress Progress => progress;

    private TransferLimits Limits => options.Limits;

    private TimeSpan DecisionTimeout => options.DecisionTimeout;

    /// <summary>Looks at what is to be sent, before anybody is called: a wrong name is told at once.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>, or a path without a name.</exception>
    public void Open() => _tree ??= new SourceTree(options, _manifest, OpenFolder);

    /// <summary>Sends everything.</summary>
    /// <exception cref="ParleyException">
    /// A name that cannot be sent; the receiver declined, has no room or is gone; a file was not as it should be at the other end. Files that failed alone are in the result.
    /// </exception>
    public async Task<TransferResult> SendAsync(CancellationToken cancellationToken)
    {
        Open();
        var started = 0L;
        var breaks = new PathBreaks(options.Limits, progress);
        while (true)
        {
            progress.IsConnecting = true;
            await using var path = started == 0 ? await BeginAsync(cancellationToken) : await session.ConnectAsync(options.AllowedPaths, cancellationToken);
            started = started == 0 ? time.GetTimestamp() : started;
            progress.Open(path);
            LogPath(session.Id, path.Kind);
            try
            {
                var result = await new SenderPath(this, path).RunAsync(cancellationToken);
                (progress.Entries, progress.Bytes) = (_manifest.Entries.Count, Math.Max(progress.Bytes, progress.TotalBytes));
                return ToResult(result, path.Kind, time.GetElapsedTime(started));
            }
            catch (Exception exception) when (PathRun.IsBroken(exception))
            {
                LogBreak(session.Id, path.Kind, exception.GetType().Name);
                breaks.Note(exception);
            }
        }
    }

    private Task<PeerPath> BeginAsync(CancellationToken cancellationToken) =>
        FirstPath.OpenAsync(session, options.AllowedPaths, options.BeginTimeout, "The receiver did not begin in time: it may be busy with others' files.", time, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _walk?.Dispose();
        _tree?.Dispose();
        _stream?.Dispose();
    }

    // The tree is walked once; a path that breaks in the middle of it finds the rest afterwards.
    private IEnumerable<ManifestEntry> Entries()
    {
        for (var index = 0; index < _manifest.Entries.Count; index++)
        {
            yield return _manifest.Entries[index];
        }

        if (_isWalked)
        {
            yield break;
        }

        _walk ??= _tree!.Walk().GetEnumerator();
        while (Walk(_walk))
        {
            yield return _walk.Current;
        }

        _isWalked = true;
    }

    // What the disk says is no broken path; and a walk that failed has no end, so that nothing is taken for all there is.
    private bool Walk(IEnumerator<ManifestEntry> walk)
    {
        if (_walkFailure is not null)
        {
            throw _walkFailure;
        }

        try
        {
            return walk.MoveNext();
        }
        catch (ParleyException exception)
        {
            _walkFailure = exception;
            throw;
        }
        catch (Exception exception) when (PathRun.IsBroken(exception) || exception is UnauthorizedAccessException)
        {
            throw _walkFailure = new ParleyException(ErrorCode.TransferFile, "What is to be sent cannot be looked at to its end: the disk refuses, or it was removed meanwhile.", exception);
        }
    }

    private void Fail(int entry, Refusal refusal)
    {
        if (entry >= _manifest.Entries.Count)
        {
            throw WireReader.Broken();
        }

        lock (_failures)
        {
            _failures.TryAdd(entry, refusal);
        }
    }

    private TransferResult ToResult(ResultFrame result, PathKind kind, TimeSpan elapsed)
    {
        var failures = _failures.OrderBy(static pair => pair.Key).Take(PathBreaks.MaxFailures).Select(pair => new EntryFailure(_manifest.Entries[pair.Key].Path, pair.Value.Code, pair.Value.Sentence));
        return new TransferResult(
            session.Id, kind, result.Files, result.Bytes, result.Unchanged, result.Deleted, elapsed, result.Hash is { } hash ? Convert.ToHexStringLower(hash) : null, [.. failures],
            Math.Max(result.Failed, _failures.Count));
    }

    private void LogOffer() => LogOffer(session.Id, _manifest.Entries.Count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Transfer {Session} goes over {Kind}")]
    private partial void LogPath(string session, PathKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Transfer {Session}: {Kind} broke ({Failure})")]
    private partial void LogBreak(string session, PathKind kind, string failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Transfer {Session} offers {Entries} entries")]
    private partial void LogOffer(string session, int entries);
}
