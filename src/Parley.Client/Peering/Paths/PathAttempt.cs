using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;

namespace Parley.Client.Peering.Paths;

/// <summary>Tries all kinds of path side by side at one end, and ends with the one way that both ends took.</summary>
/// <remarks>
/// The opener of the session decides (<see cref="PathRace"/>) and says so on the way itself, by its first bytes; the acceptor takes the way that says so. Nothing crosses the hub for it, and no two ways can be taken.
/// First bytes: <c>PRLY</c> | attempt (u32, big endian).
/// </remarks>
internal sealed class PathAttempt
{
    private const int ChoiceSize = 8;
    private const int MaxTried = 4;

    private readonly IReadOnlyList<(PathKind Kind, IPathOpener Opener, ReadOnlyMemory<byte> Remote)> _ways;
    private readonly bool _isOpener;
    private readonly byte[] _choice = new byte[ChoiceSize];
    private readonly TimeProvider _time;
    private readonly Channel<Event> _events = Channel.CreateUnbounded<Event>();

    /// <summary>An attempt that has not begun.</summary>
    /// <param name="attempt">Its number.</param>
    /// <param name="isOpener">Whether this end decides.</param>
    /// <param name="ways">The kinds that both ends try, with what the other end described.</param>
    /// <param name="time">Clock.</param>
    public PathAttempt(uint attempt, bool isOpener, IReadOnlyList<(PathKind Kind, IPathOpener Opener, ReadOnlyMemory<byte> Remote)> ways, TimeProvider time)
    {
        (_isOpener, _ways, _time) = (isOpener, ways, time);
        "PRLY"u8.CopyTo(_choice);
        BinaryPrimitives.WriteUInt32BigEndian(_choice.AsSpan(4), attempt);
    }

    /// <summary>Tries until a way is taken or the limit has passed.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerUnreachable"/>: there is none; <see cref="ErrorCode.PeerProof"/>: and somebody showed another key than the proved one.</exception>
    public async Task<(PathKind Kind, Stream Stream, string Reason)> RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = _ways.Select(way => RunAsync(way.Kind, way.Opener, way.Remote, ending.Token)).ToList();
        var found = new List<Stream>();
        Stream? taken = null;
        try
        {
            var (kind, path) = _isOpener ? await ChooseAsync(limit, found, ending.Token) : await FollowAsync(limit, found, ending.Token);
            taken = path.Stream;
            return (path.As ?? kind, path.Stream, ReasonOf(kind, path));
        }
        finally
        {
            await ending.CancelAsync();
            await EndAsync(running, taken, found);
        }
    }

    private async Task EndAsync(IEnumerable<Task> running, Stream? taken, List<Stream> found)
    {
        try
        {
            await Task.WhenAll(running);
        }
        catch
        {
            taken = null;
            throw;
        }
        finally
        {
            _events.Writer.TryComplete();
            while (_events.Reader.TryRead(out var late))
            {
                Keep(late, found);
            }

            foreach (var stream in found.Where(stream => stream != taken))
            {
                await stream.DisposeAsync();
            }
        }
    }

    private static void Keep(Event item, List<Stream> found)
    {
        if (item.Found is { } path)
        {
            found.Add(path.Stream);
        }
    }

    private async Task RunAsync(PathKind kind, IPathOpener opener, ReadOnlyMemory<byte> remote, CancellationToken cancellationToken)
    {
        try
        {
            await opener.RunAsync(remote, path => _events.Writer.TryWrite(new Event(kind, path)), cancellationToken);
        }
        catch (Exception exception) when (exception is ParleyException or SocketException || LinkBreaks.Is(exception))
        {
            // Over; what it tried says why.
        }
        finally
        {
            _events.Writer.TryWrite(new Event(kind, null));
        }
    }

    private async Task<(PathKind, FoundPath)> ChooseAsync(TimeSpan limit, List<Stream> found, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var race = new PathRace(_ways.Select(way => way.Kind));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var elapsed = _time.GetElapsedTime(started);
            if (race.Decide(elapsed, IsPromising, out var askAgain) is var (kind, path))
            {
                if (await TrySayAsync(path.Stream, cancellationToken))
                {
                    return (kind, path);
                }

                race.Drop(kind);
                continue;
            }

            if (race.IsLost || elapsed >= limit)
            {
                throw Lost();
            }

            var left = limit - elapsed;
            if (await NextAsync(askAgain is { } soon && soon < left ? soon : left, cancellationToken) is not { } item)
            {
                continue;
            }

            Keep(item, found);
            if (item.Found is null)
            {
                race.End(item.Kind);
            }
            else
            {
                race.Add(item.Kind, item.Found, _time.GetElapsedTime(started));
            }
        }
    }

    private bool IsPromising(PathKind kind) => _ways.Any(way => way.Kind == kind && way.Opener.IsPromising);

    private async Task<bool> TrySayAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(_choice, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task<(PathKind, FoundPath)> FollowAsync(TimeSpan limit, List<Stream> found, CancellationToken cancellationToken)
    {
        var chosen = new TaskCompletionSource<(PathKind, FoundPath)>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = new List<Task>();
        var following = FollowAllAsync();
        try
        {
            return await chosen.Task.WaitAsync(limit, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Lost();
        }
        finally
        {
            await reading.CancelAsync();
            await following;
            await Task.WhenAll(listening);
        }

        async Task FollowAllAsync()
        {
            while (!reading.IsCancellationRequested)
            {
                if (await NextAsync(limit, reading.Token) is { Found: { } path } item)
                {
                    found.Add(path.Stream);
                    listening.Add(ListenAsync(item.Kind, path, chosen, reading.Token));
                }
            }
        }
    }

    private async Task ListenAsync(PathKind kind, FoundPath path, TaskCompletionSource<(PathKind, FoundPath)> chosen, CancellationToken cancellationToken)
    {
        try
        {
            var said = new byte[ChoiceSize];
            await path.Stream.ReadExactlyAsync(said, cancellationToken);
            if (CryptographicOperations.FixedTimeEquals(said, _choice))
            {
                chosen.TrySetResult((kind, path));
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Not this one.
        }
    }

    /// <summary>The next event; null when none came in time, or nobody waits any more.</summary>
    private async Task<Event?> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await _events.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private ParleyException Lost()
    {
        var tried = Join(_ways.Select(way => way.Kind));
        return _ways.Any(way => way.Opener.IsForged)
            ? new ParleyException(ErrorCode.PeerProof, $"Somebody on the way showed another key than the proved one, and no other way was found: {tried}.")
            : new ParleyException(ErrorCode.PeerUnreachable, $"No way between the two machines was found: {tried}.");
    }

    private string ReasonOf(PathKind kind, FoundPath path)
    {
        var name = $"{PathKindName.Of(path.As ?? kind)}, {path.Text}";
        var better = _ways.Where(way => way.Kind < kind).Select(way => way.Kind).ToList();
        return better.Count == 0 ? name : $"{name}: {Join(better)}";
    }

    private string Join(IEnumerable<PathKind> kinds) => string.Join("; ", kinds.Select(kind =>
    {
        var tried = _ways.First(way => way.Kind == kind).Opener.Tried;
        var shown = tried.Count == 0 ? "nothing came of it" : string.Join(", ", tried.Take(MaxTried)) + (tried.Count > MaxTried ? $" and {tried.Count - MaxTried} more" : string.Empty);
        return $"{PathKindName.Of(kind)} ({shown})";
    }));

    private readonly record struct Event(PathKind Kind, FoundPath? Found);
}
