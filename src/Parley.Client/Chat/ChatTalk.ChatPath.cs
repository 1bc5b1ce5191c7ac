using System.Threading.Channels;
using Parley.Client.Chat.Files;
using Parley.Client.Chat.Wire;
using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Client.Chat;

/// <content>What happens on one path.</content>
public sealed partial class ChatTalk
{
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(2);

    /// <summary>One path while it lasts. Messages go before bytes of files; of those a few frames wait at most.</summary>
    private sealed class ChatPath(ChatTalk owner, PeerPath path)
    {
        private const int WaitingFrames = 8;
        private readonly Channel<ReadOnlyMemory<byte>> _frames = Channel.CreateBounded<ReadOnlyMemory<byte>>(WaitingFrames);
        private readonly Dictionary<FileRoute, FileWay> _ways = [];
        private readonly Dictionary<(bool IsSpeakers, long File, bool IsDone), FileRoute> _closing = [];
        private bool _isSayingClosed;
        private long _acknowledged;
        private long _shown;
        private bool _saidTyping;
        private bool _isAliveDue;
        private bool _saidBye;

        /// <summary>Whether the other end said hello.</summary>
        public bool HasHeard { get; private set; }

        /// <summary>Runs until either user leaves.</summary>
        /// <exception cref="IOException">The path broke.</exception>
        /// <exception cref="ParleyException">The other end refused, or broke the protocol.</exception>
        public async Task RunAsync(Action heard, CancellationToken cancellationToken)
        {
            var reader = new ChatFrameReader(path.Stream, owner._time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            try
            {
                await GreetAsync(reader, cancellationToken);
                heard();
                List<Task> tasks = [ReadAsync(reader, stop.Token), WriteAsync(stop.Token), WatchAsync(reader, stop.Token)];
                var first = await Task.WhenAny(tasks);
                await stop.CancelAsync();
                await Task.WhenAll(tasks).ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                cancellationToken.ThrowIfCancellationRequested();
                await first;
            }
            catch (Exception exception) when (_saidBye && exception is IOException or ObjectDisposedException)
            {
                // It heard that we left, and left too.
            }
            catch (ParleyException exception) when (exception.Code is ErrorCode.ProtocolViolation or ErrorCode.ProtocolVersion)
            {
                await TellAsync(exception);
                throw;
            }
            finally
            {
                Close();
            }
        }

        /// <summary>Begins a way for an own file; null when the path is gone.</summary>
        public async Task<FileWay?> OpenWayAsync(long file, int number, CancellationToken cancellationToken)
        {
            var way = MakeWay(new FileRoute(true, file, number));
            try
            {
                await SendAsync(ChatFrame.Of(ChatFrameKind.FileOpen, way.Route, []), cancellationToken);
                return way;
            }
            catch (IOException)
            {
                return null;
            }
        }

        private FileWay MakeWay(FileRoute route)
        {
            var way = new FileWay(route, SendAsync, Leave);
            lock (owner._gate)
            {
                _ways[route] = way;
            }

            return way;
        }

        private async Task GreetAsync(ChatFrameReader reader, CancellationToken cancellationToken)
        {
            using var patience = new CancellationTokenSource(owner._options.MaxSilence, owner._time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                await path.Stream.WriteAsync(ChatFrame.Of(owner.Under(owner._state.Hello)), either.Token);
                await path.Stream.FlushAsync(either.Token);
                var frame = await reader.ReadAsync(either.Token);
                if (frame.Kind == ChatFrameKind.Error)
                {
                    throw frame.ReadError();
                }

                var theirs = frame.Kind == ChatFrameKind.Hello ? frame.ReadHello() : throw ChatFrame.Broken();
                var (known, isAnew) = owner.Under(() =>
                {
                    var begun = owner.Begin(theirs);
                    (_shown, _acknowledged) = (owner._state.Received, owner._state.Received);
                    (owner._path, owner.PathKind) = (this, path.Kind);
                    return begun;
                });
                HasHeard = true;
                owner.ShowBeginning(path, known, isAnew);
                foreach (var number in owner.Under(() => owner._done.ToList()))
                {
                    SayClosed(new FileRoute(true, number, 0));
                }

                owner.Wake();
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException("The other end did not say hello.");
            }
        }

        private async Task ReadAsync(ChatFrameReader reader, CancellationToken cancellationToken)
        {
            while (true)
            {
                var frame = await reader.ReadAsync(cancellationToken);
                switch (frame.Kind)
                {
                    case ChatFrameKind.Item:
                        Take(frame.ReadItem());
                        break;
                    case ChatFrameKind.Received:
                        var number = frame.ReadReceived();
                        owner.Under(() => owner._state.Acknowledge(number));
                        Show(() => owner._events.OnReceived(number));
                        owner.Wake();
                        break;
                    case ChatFrameKind.Typing:
                        var isTyping = frame.ReadTyping();
                        Show(() => owner._events.OnTyping(isTyping));
                        break;
                    case ChatFrameKind.FileOpen or ChatFrameKind.FileBytes or ChatFrameKind.FileCredit or ChatFrameKind.FileClose:
                        TakeFile(frame);
                        break;
                    case ChatFrameKind.Error:
                        throw frame.ReadError();
                    case ChatFrameKind.Bye:
                        return;
                    default:
                        // Signs of life, and words of newer programs.
                        break;
                }
            }
        }

        private void Take(ChatItem item)
        {
            if (owner.Under(() => owner._state.IsNew(item)))
            {
                if (Enum.IsDefined(item.Kind))
                {
                    Show(() => owner._events.OnItem(item));
                }

                // Received when it was shown, not before.
                owner.Under(() => owner._state.Take(item));
            }

            Volatile.Write(ref _shown, item.Number);
            owner.Wake();
        }

        private void TakeFile(ChatFrame frame)
        {
            var heard = frame.ReadRoute();
            var route = heard with { IsSpeakers = !heard.IsSpeakers };
            var way = owner.Under(() => _ways.GetValueOrDefault(route));
            switch (frame.Kind)
            {
                case ChatFrameKind.FileOpen when heard.IsSpeakers && way is null:
                    if (owner.Under(() => owner._files.GetValueOrDefault((false, heard.File))) is not { } file || !file.TakeWay(heard.Try, MakeWay(route)))
                    {
                        // Not waited for: while the other end does not read, its own watch tells it.
                        owner.Under(() => _ways.Remove(route));
                        _frames.Writer.TryWrite(ChatFrame.Of(ChatFrameKind.FileClose, route, []));
                        owner.Wake();
                    }

                    break;
                case ChatFrameKind.FileBytes:
                    way?.Take(frame.Content.Span[ChatFrame.RouteBytes..]);
                    break;
                case ChatFrameKind.FileCredit:
                    way?.TakeCredit(frame.ReadCredit());
                    break;
                case ChatFrameKind.FileClose when heard is { Try: 0, IsSpeakers: true }:
                    owner.Under(() => owner._files.GetValueOrDefault((false, heard.File)))?.End(new ParleyException(ErrorCode.AgentOffline, "The other end has closed the file."));
                    break;
                case ChatFrameKind.FileClose:
                    owner.Under(() => _ways.Remove(route));
                    way?.Break("The other end closed the way of the file.");
                    break;
                default:
                    break;
            }
        }

        private async Task WriteAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                Task news;
                lock (owner._gate)
                {
                    news = owner._news.Task;
                }

                while (NextFrame() is { } frame)
                {
                    await path.Stream.WriteAsync(frame, cancellationToken);
                }

                await path.Stream.FlushAsync(cancellationToken);
                if (_saidBye)
                {
                    await Task.Delay(_farewell, owner._time, cancellationToken);
                    return;
                }

                await news.WaitAsync(cancellationToken);
            }
        }

        private ReadOnlyMemory<byte>? NextFrame()
        {
            lock (owner._gate)
            {
                if (Volatile.Read(ref _shown) is var shown && shown > _acknowledged)
                {
                    _acknowledged = shown;
                    return ChatFrame.OfReceived(shown);
                }

                if (owner._state.Next() is { } item)
                {
                    return ChatFrame.Of(item);
                }

                if (owner._isTyping != _saidTyping)
                {
                    _saidTyping = owner._isTyping;
                    return ChatFrame.OfTyping(_saidTyping);
                }

                if (_isAliveDue)
                {
                    _isAliveDue = false;
                    return ChatFrame.Of(ChatFrameKind.Alive);
                }

                if (_frames.Reader.TryRead(out var frame))
                {
                    return frame;
                }

                if (owner._isLeaving && !_saidBye)
                {
                    _saidBye = true;
                    return ChatFrame.Of(ChatFrameKind.Bye);
                }

                return null;
            }
        }

        private async Task WatchAsync(ChatFrameReader reader, CancellationToken cancellationToken)
        {
            while (true)
            {
                await Task.Delay(owner._options.MaxSilence / 4, owner._time, cancellationToken);
                if (reader.Silence > owner._options.MaxSilence)
                {
                    throw new IOException("The other end has been silent for too long.");
                }

                owner.Under(() => _isAliveDue = true);
                owner.Wake();
            }
        }

        private async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
        {
            try
            {
                await _frames.Writer.WriteAsync(frame, cancellationToken);
                owner.Wake();
            }
            catch (ChannelClosedException exception)
            {
                throw new IOException("The path of the chat broke.", exception);
            }
        }

        /// <summary>Says that a way is closed, or a file done with, without waiting for it.</summary>
        /// <remarks>Of one file the newest way counts: who opens one after another and does not read keeps no more than one word waiting.</remarks>
        public void SayClosed(FileRoute route)
        {
            lock (owner._gate)
            {
                _closing[(route.IsSpeakers, route.File, route.Try == 0)] = route;
                if (_isSayingClosed)
                {
                    return;
                }

                _isSayingClosed = true;
            }

            _ = SayClosedAsync();
        }

        private async Task SayClosedAsync()
        {
            try
            {
                while (NextClosed() is { } route)
                {
                    await SendAsync(ChatFrame.Of(ChatFrameKind.FileClose, route, []), CancellationToken.None);
                }
            }
            catch (IOException)
            {
                // The path's end says it.
            }
        }

        private FileRoute? NextClosed()
        {
            lock (owner._gate)
            {
                foreach (var (key, route) in _closing)
                {
                    _closing.Remove(key);
                    return route;
                }

                _isSayingClosed = false;
                return null;
            }
        }

        private void Leave(FileWay way)
        {
            if (owner.Under(() => _ways.Remove(way.Route)))
            {
                SayClosed(way.Route);
            }
        }

        private async Task TellAsync(ParleyException refusal)
        {
            using var patience = new CancellationTokenSource(_farewell, owner._time);
            try
            {
                await path.Stream.WriteAsync(ChatFrame.Of(refusal), patience.Token);
                await path.Stream.FlushAsync(patience.Token);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // It will see that the path ends.
            }
        }

        private void Close()
        {
            _frames.Writer.TryComplete();
            List<FileWay> ways;
            lock (owner._gate)
            {
                owner._path = owner._path == this ? null : owner._path;
                ways = [.. _ways.Values];
                _ways.Clear();
            }

            foreach (var way in ways)
            {
                way.Break("The path of the chat broke.");
            }

            owner.Wake();
        }
    }
}
