using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Client.Transfer;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Identity;

namespace Parley.Cli.PeerToPeer;

/// <summary>Takes sessions of senders for <c>p2p recv</c>: asks where somebody is to be asked, one question at a time.</summary>
internal sealed class TransferDoor(CommandContext context, ReceiveOptions options, bool asks, IReadOnlySet<AgentAddress>? senders) : IDisposable
{
    private readonly SemaphoreSlim _question = new(1);
    private readonly TurningAway _turning = new();
    private int _running;

    /// <summary>Whether bars are shown while one transfer runs alone.</summary>
    public bool ShowsBars { get; init; }

    /// <summary>Whether files are taken from who opened a session; others are turned away at once, and keep nobody waiting.</summary>
    public bool IsWelcome(IPeerSession session)
    {
        if (senders is null || senders.Contains(session.Remote))
        {
            return true;
        }

        context.Terminal.Note($"{session.Remote}: turned away, since files are taken from the agents of --from alone");
        _ = _turning.TurnAwayAsync(session, TransferRefusal.TellAsync);
        return false;
    }

    /// <summary>Takes what one session brings, and tells how it ended.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TakeAsync(IPeerSession session, CancellationToken cancellationToken)
    {
        await using var open = session;
        P2pHome.Introduce(context, session);
        var progress = new TransferProgress();
        await using var receiver = new FileReceiver(
            session, options, (offer, token) => DecideAsync(session, offer, token), progress, context.Time, context.Loggers.CreateLogger("Parley.Transfer"));
        var isAlone = Interlocked.Increment(ref _running) == 1;
        try
        {
            var receiving = receiver.ReceiveAsync(cancellationToken);
            if (ShowsBars && isAlone && !asks)
            {
                await new Meter(context.Terminal, context.Time).ShowAsync(() => TransferText.Read(progress), receiving);
            }

            return TransferText.Finish(context, await receiving, "received from", session.Remote.ToString());
        }
        catch (ParleyException exception)
        {
            context.Terminal.Note($"{session.Remote}: {TransferText.Line(ReasonOf(exception, receiver))} ({exception.Row.Fixer})");
            return exception.Row.Exit;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turning.Dispose();
        _question.Dispose();
    }

    // The other end is not told where its files go here.
    private string ReasonOf(ParleyException exception, FileReceiver receiver)
    {
        const long Step = 1 << 20;
        var missing = receiver.MissingRoom;
        return exception.Code != ErrorCode.TransferSpace || missing == 0
            ? exception.Message
            : $"no room in {Path.GetFullPath(options.Output)}: free {SizeText.Format((missing + Step - 1) / Step * Step)} there, then the same sent again goes on where it was";
    }

    private async Task<bool> DecideAsync(IPeerSession session, Offer offer, CancellationToken cancellationToken)
    {
        await _question.WaitAsync(cancellationToken);
        try
        {
            Show(session, offer);
            return !asks || await context.Terminal.ConfirmAsync("take it?", cancellationToken, () => List(offer));
        }
        finally
        {
            _question.Release();
        }
    }

    private void Show(IPeerSession session, Offer offer)
    {
        var manifest = offer.Manifest;
        var size = manifest.HasStream ? "of unknown size" : SizeText.Format(offer.Bytes);
        context.Terminal.Note($"{session.Remote} ({P2pHome.WordOf(session.Trust)}) offers {manifest.Files} files and {manifest.Folders} folders; {offer.Files} would come, {size}, into {options.Output}");
        foreach (var name in offer.Examples)
        {
            context.Terminal.Status("  " + TransferText.Line(name));
        }

        Tell(offer.Files > offer.Examples.Count, $"  and {offer.Files - offer.Examples.Count} more");
        Tell(offer.Unchanged > 0, $"  {offer.Unchanged} are here already, or not wanted");
        Tell(offer.Resumed > 0, $"  {SizeText.Format(offer.Resumed)} are here from an earlier try");
        Tell(offer.Conflicts > offer.Replaced, $"  {offer.Conflicts - offer.Replaced} names are taken (--conflict {options.Conflict.ToString().ToLowerInvariant()})");
        Tell(offer.Replaced > 0, $"  {offer.Replaced} files here would be REPLACED");
        Tell((manifest.Mode & TransferMode.Delete) != 0 && options.AllowsDelete, "  what the sender does not have would be REMOVED here, from the folders that it sends");
        Tell(offer.Refused > 0, $"  {offer.Refused} cannot be written: a link, a folder or a file is in their way");
    }

    private void List(Offer offer)
    {
        foreach (var entry in offer.Manifest.Entries)
        {
            context.Terminal.Status(entry.Kind == EntryKind.File ? $"  {TransferText.Line(entry.Path)}  {SizeText.Format(entry.Size)}" : $"  {TransferText.Line(entry.Path)}{(entry.Kind == EntryKind.Folder ? "/" : string.Empty)}");
        }
    }

    private void Tell(bool isTrue, string line)
    {
        if (isTrue)
        {
            context.Terminal.Status(line);
        }
    }
}
