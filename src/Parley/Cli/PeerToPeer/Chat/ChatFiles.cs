using System.Collections.Concurrent;
using Parley.Client.Chat;
using Parley.Client.Transfer;
using Parley.Protocol.Errors;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>Files of a chat: own ones that were offered, and those of the other end that the user has not answered.</summary>
internal sealed class ChatFiles(CommandContext context, ChatTalk talk, IChatScreen screen, string output)
{
    private const int MaxOffers = 16;
    private readonly ConcurrentDictionary<long, string> _mine = new();
    private readonly ConcurrentDictionary<long, ChatItem> _theirs = new();
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private readonly TransferLimits _limits = new() { ChunkBytes = TransferLimits.MaxChunkBytes };

    /// <summary>Whether no own file waits or is under way, and none of the other end is.</summary>
    public bool IsIdle => _mine.IsEmpty && _running.Values.All(static task => task.IsCompleted);

    /// <summary>Offers a file.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>.</exception>
    public long Offer(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new ParleyException(ErrorCode.NotFound, "There is no such file. Folders are sent with parley p2p send.");
        }

        var number = talk.Offer(file.Name, file.Length);
        _mine[number] = file.FullName;
        return number;
    }

    /// <summary>The other end offers a file, or answers.</summary>
    /// <returns>Whether it is to be shown.</returns>
    public bool Take(ChatItem item, CancellationToken cancellationToken)
    {
        switch (item.Kind)
        {
            case ChatItemKind.Offer when _theirs.Count >= MaxOffers:
                Refuse(item.Number);
                return false;
            case ChatItemKind.Offer:
                _theirs[item.Number] = item;
                return true;
            case ChatItemKind.Taken when _mine.TryGetValue(item.File, out var path) && !_running.ContainsKey(-item.File):
                _running[-item.File] = Task.Run(() => SendAsync(item.File, path, cancellationToken), CancellationToken.None);
                return true;
            case ChatItemKind.Declined:
                return _mine.TryRemove(item.File, out _);
            default:
                return false;
        }
    }

    /// <summary>The user answers an offer.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>: there is none of that number.</exception>
    public void Answer(long number, bool isTaken, CancellationToken cancellationToken)
    {
        if (!_theirs.TryRemove(number, out var offer))
        {
            throw new ParleyException(ErrorCode.NotFound, "No file of that number is offered.");
        }

        if (!isTaken)
        {
            talk.Answer(number, isTaken: false);
            return;
        }

        // First the ear, then the word.
        var session = talk.OpenFile(isMine: false, number);
        _running[number] = Task.Run(() => ReceiveAsync(session, offer, cancellationToken), CancellationToken.None);
        talk.Answer(number, isTaken: true);
    }

    /// <summary>What the other end offered, and nobody answered, is offered no more.</summary>
    public void ForgetOffers() => _theirs.Clear();

    /// <summary>Waits for those that are under way.</summary>
    public Task EndAsync() => Task.WhenAll(_running.Values);

    private void Refuse(long number)
    {
        try
        {
            talk.Answer(number, isTaken: false);
        }
        catch (ParleyException)
        {
            // No room to say so: it stays unanswered.
        }
    }

    private async Task SendAsync(long number, string path, CancellationToken cancellationToken)
    {
        await using var session = talk.OpenFile(isMine: true, number);
        using var sender = new FileSender(session, new SendOptions { Paths = [path] }, new TransferProgress(), context.Time, context.Loggers.CreateLogger("Parley.Transfer"));
        await TellAsync(isMine: true, number, Path.GetFileName(path), sender.SendAsync(cancellationToken));
        _mine.TryRemove(number, out _);
    }

    private async Task ReceiveAsync(Client.Peering.IPeerSession session, ChatItem offer, CancellationToken cancellationToken)
    {
        await using var open = session;
        await using var receiver = new FileReceiver(
            session,
            new ReceiveOptions { Output = output, KeepsExecutable = false, BeginTimeout = Timeout.InfiniteTimeSpan, Limits = _limits },
            (offered, _) => Task.FromResult(IsWhatWasTaken(offered.Manifest, offer)),
            new TransferProgress(),
            context.Time,
            context.Loggers.CreateLogger("Parley.Transfer"));
        await TellAsync(isMine: false, offer.Number, offer.Text, receiver.ReceiveAsync(cancellationToken));
    }

    // The user took one file by its name and size; nothing else comes in its place.
    private static bool IsWhatWasTaken(Manifest manifest, ChatItem offer) =>
        manifest is { Files: 1, Folders: 0, HasStream: false } && manifest.Entries[0].Path == offer.Text && manifest.Bytes == offer.Size && manifest.Mode == TransferMode.None;

    private async Task TellAsync(bool isMine, long number, string name, Task<TransferResult> running)
    {
        try
        {
            var result = await running;
            if (result.FailedCount == 0)
            {
                screen.ShowFile(isMine, number, name, result);
            }
            else
            {
                screen.ShowFileFailed(isMine, number, name, result.Failures.Count > 0 ? result.Failures[0].Reason : "It did not arrive.");
            }
        }
        catch (ParleyException exception)
        {
            screen.ShowFileFailed(isMine, number, name, exception.Message);
        }
        catch (OperationCanceledException)
        {
            screen.ShowFileFailed(isMine, number, name, "The chat was left before it was there.");
        }
    }
}
