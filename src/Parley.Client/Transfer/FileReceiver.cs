using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Client.Peering;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Receiving;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>Takes what one session brings into a folder, on as many paths as it takes.</summary>
/// <param name="session">The session; its disposal is the caller's.</param>
/// <param name="options">Where to, and how.</param>
/// <param name="decide">Asks whether an offer is taken; of all that it may be shown, names are the sender's words.</param>
/// <param name="progress">Told how far it is.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
public sealed partial class FileReceiver(
    IPeerSession session, ReceiveOptions options, Func<Offer, CancellationToken, Task<bool>> decide, TransferProgress progress, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly ChunkBuffers _pool = new(options.Limits.ChunkBytes);
    private readonly Dictionary<int, Refusal> _failures = [];
    private readonly ConcurrentQueue<(int Entry, Refusal Refusal)> _untold = new();
    private Manifest? _manifest;
    private Intake? _intake;
    private Folder? _root;
    private Offer? _offer;

    /// <summary>What is offered; null before it was taken.</summary>
    public Manifest? Manifest => _intake is null ? null : _manifest;

    /// <summary>Bytes that must become free on the folder's disk before the rest of what was offered fits; 0 when it does, and where the system does not say how much is free.</summary>
    public long MissingRoom => _offer is { } offer && FreeBytes(options.Output) is var free and >= 0 ? Math.Max((_intake?.Left ?? offer.Bytes) + options.SpareBytes - free, 0) : 0;

    private TimeProvider Time => time;

    private TransferLimits Limits => options.Limits;

    private TransferProgress Progress => progress;

    /// <summary>Takes everything.</summary>
    /// <exception cref="ParleyException">
    /// The offer was declined, breaks a rule for names or a limit, or finds no room; a chunk was not what its hash said; the sender is gone. What was verified stays for the next try.
    /// </exception>
    public async Task<TransferResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        var started = 0L;
        var breaks = new PathBreaks(options.Limits, progress);
        while (true)
        {
            progress.IsConnecting = true;
            PeerPath path;
            try
            {
                path = started == 0 ? await BeginAsync(cancellationToken) : await session.ConnectAsync(options.AllowedPaths, cancellationToken);
            }
            catch (ParleyException) when (_intake?.Result is { } known)
            {
                // The sender has gone with, or without, our last word: everything is here.
                return ToResult(known, time.GetElapsedTime(started));
            }

            await using var open = path;
            started = started == 0 ? time.GetTimestamp() : started;
            progress.Open(path);
            LogPath(session.Id, path.Kind);
            try
            {
                return ToResult(await new ReceiverPath(this, path).RunAsync(cancellationToken), time.GetElapsedTime(started));
            }
            catch (Exception exception) when (PathRun.IsBroken(exception))
            {
                LogBreak(session.Id, path.Kind, exception.GetType().Name);
                progress.Bytes = _intake?.Position.Bytes ?? 0;
                breaks.Note(exception);
            }
            finally
            {
                _intake?.Suspend();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_intake is not null)
        {
            await _intake.DisposeAsync();
        }

        _root?.Dispose();
    }

    private Task<PeerPath> BeginAsync(CancellationToken cancellationToken) =>
        FirstPath.OpenAsync(session, options.AllowedPaths, options.BeginTimeout, "The sender did not begin in time.", time, cancellationToken);

    // Every entry was checked against the rules when it came; now against what is here.
    private async Task DecideAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        CheckLeave(manifest.Mode);
        _root ??= OpenOutput(options.Output);
        var stale = StalePartials.Clean(_root, options.Limits.MaxPartialAge, time.GetUtcNow());
        LogOffer(session.Id, manifest.Entries.Count, stale);
        var plan = new ReceivePlanner(_root, manifest, options, session.Remote.ToString());
        var offer = _offer = plan.Plan(FreeBytes(options.Output));
        if (offer.FreeBytes >= 0 && offer.Bytes > offer.FreeBytes - options.SpareBytes)
        {
            throw new ParleyException(ErrorCode.TransferSpace, "The receiver's disk has no room for the files; sent again when there is, they arrive.");
        }

        progress.TotalBytes = manifest.HasStream ? -1 : manifest.Bytes;
        progress.IsDeciding = true;
        var isTaken = await decide(offer, cancellationToken);
        progress.IsDeciding = false;
        if (!isTaken)
        {
            throw new ParleyException(ErrorCode.TransferDeclined, "The receiver does not want the files.");
        }

        foreach (var (entry, refusal) in plan.Failures)
        {
            Fail(entry, refusal, isTold: false);
        }

        LogTaken(session.Id, offer.Files);
        (_manifest, _intake) = (manifest, new Intake(_root, manifest, plan, options, session.Remote.ToString(), time, Fail));
    }

    // Something else than what the sender asked for would not be what it wants: copies beside its files, and nothing removed.
    private void CheckLeave(TransferMode mode)
    {
        var missing = new[]
        {
            (mode & (TransferMode.Sync | TransferMode.Delete)) != 0 && !options.AllowsSync ? "--allow-sync" : null,
            (mode & TransferMode.Delete) != 0 && !options.AllowsDelete ? "--allow-delete" : null,
        }.OfType<string>().ToArray();
        if (missing.Length > 0)
        {
            throw new ParleyException(
                ErrorCode.TransferDeclined,
                $"The receiver gives no leave to {(missing[0] == "--allow-sync" ? "update files" : "remove files")} there: `parley p2p recv` on its machine needs {string.Join(" and ", missing)}.");
        }
    }

    private void Fail(int entry, Refusal refusal, bool isTold)
    {
        _failures.TryAdd(entry, refusal);
        if (!isTold)
        {
            _untold.Enqueue((entry, refusal));
        }
    }

    private static Folder OpenOutput(string output)
    {
        try
        {
            if (File.Exists(output))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "--output is a file; name a folder.");
            }

            Directory.CreateDirectory(output);
            return Folder.Open(Path.GetFullPath(output));
        }
        catch (Exception exception) when (DiskFaults.Is(exception))
        {
            throw new ParleyException(ErrorCode.TransferFile, "The output folder cannot be opened or made.", exception);
        }
    }

    private static long FreeBytes(string output)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(output)).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return -1;
        }
    }

    private TransferResult ToResult(ResultFrame result, TimeSpan elapsed)
    {
        var failures = _failures.OrderBy(static pair => pair.Key).Take(PathBreaks.MaxFailures).Select(pair => new EntryFailure(_manifest!.Entries[pair.Key].Path, pair.Value.Code, pair.Value.Sentence));
        return new TransferResult(
            session.Id, progress.Path ?? PathKind.Relayed, result.Files, result.Bytes, result.Unchanged, result.Deleted, elapsed, result.Hash is { } hash ? Convert.ToHexStringLower(hash) : null,
            [.. failures], result.Failed);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Transfer {Session} comes over {Kind}")]
    private partial void LogPath(string session, PathKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Transfer {Session}: {Kind} broke ({Failure})")]
    private partial void LogBreak(string session, PathKind kind, string failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Transfer {Session} brings {Entries} entries; {Stale} stale files were removed")]
    private partial void LogOffer(string session, int entries, int stale);

    [LoggerMessage(Level = LogLevel.Information, Message = "Transfer {Session} is taken: {Files} files")]
    private partial void LogTaken(string session, int files);
}
