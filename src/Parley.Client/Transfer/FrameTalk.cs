using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>What both ends do with frames on a path, whatever these say.</summary>
/// <param name="reader">Where they come from.</param>
/// <param name="sink">Where they go.</param>
/// <param name="other">The other end, for sentences.</param>
internal sealed class FrameTalk(FrameReader reader, FrameSink sink, string other)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);
    private CancellationTokenSource? _pathStop;
    private bool _isTold;
    private bool _isEnding;

    /// <summary>Whether a stream is sent, which cannot be gone on with once its sender has stopped.</summary>
    public bool HasStream { get; set; }

    /// <summary>The next frame that says something; whoever gets it gives it back.</summary>
    /// <exception cref="ParleyException">The other end refuses, or was stopped.</exception>
    public async ValueTask<Frame> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await reader.ReadAsync(cancellationToken);
            switch (frame.Kind)
            {
                case FrameKind.Alive:
                    frame.Dispose();
                    continue;
                case FrameKind.Error:
                    using (frame)
                    {
                        _isTold = true;
                        throw Refusal.Read(frame.Content.Span).ToException();
                    }

                case FrameKind.Stop:
                    frame.Dispose();
                    _isTold = true;
                    throw new ParleyException(ErrorCode.Canceled, HasStream ? $"The {other} stopped; a stream is sent from its beginning again." : $"The {other} stopped; sent again, it goes on where it was.");
                default:
                    return frame;
            }
        }
    }

    /// <summary>The other end's first frame.</summary>
    public async ValueTask<Hello> HelloAsync(CancellationToken cancellationToken)
    {
        using var frame = await NextAsync(cancellationToken);
        return frame.Kind == FrameKind.Hello ? Hello.Read(frame.Content.Span) : throw WireReader.Broken();
    }

    /// <summary>Reads on to the path's end after a write has failed: why the other end takes nothing more may still be on it.</summary>
    /// <exception cref="ParleyException">What the other end said.</exception>
    /// <exception cref="IOException">It said nothing.</exception>
    public async Task HearOutAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            (await NextAsync(cancellationToken)).Dispose();
        }
    }

    /// <summary>Runs one path, and says at its end why, where the other end cannot know.</summary>
    /// <param name="talk">What is done on it.</param>
    /// <param name="pathStop">Ends writing; its clock is <paramref name="time"/>.</param>
    /// <param name="limits">Limits.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">The user's stop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> talk, CancellationTokenSource pathStop, TransferLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        _pathStop = pathStop;
        try
        {
            await TogetherAsync(token => PathRun.WatchAsync(reader, sink, limits.MaxSilence, time, token), cancellationToken, talk);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SayGoodbyeAsync(new FrameBuilder(FrameKind.Stop).ToFrame(), pathStop.Token);
            throw;
        }
        catch (ParleyException exception) when (!_isTold)
        {
            await SayGoodbyeAsync(Refusal.Of(exception).ToFrame(), pathStop.Token);
            throw;
        }
        finally
        {
            await pathStop.CancelAsync();
        }
    }

    /// <summary>Runs tasks of this path until those that count are done, or one fails.</summary>
    /// <param name="lasting">Ends when the others have.</param>
    /// <param name="cancellationToken">Ends them all.</param>
    /// <param name="tasks">Those that count.</param>
    public Task TogetherAsync(Func<CancellationToken, Task> lasting, CancellationToken cancellationToken, params Func<CancellationToken, Task>[] tasks) =>
        PathRun.TogetherAsync(lasting, EndWritingAsync, cancellationToken, tasks);

    // A frame that was begun is finished, but not for ever: a path that takes nothing would keep us. One that is broken takes nothing; on another a word of goodbye may still leave.
    private async Task EndWritingAsync(Exception failure)
    {
        if (PathRun.IsBroken(failure))
        {
            await _pathStop!.CancelAsync();
        }
        else if (!Interlocked.Exchange(ref _isEnding, true))
        {
            _pathStop!.CancelAfter(_patience);
        }
    }

    private async Task SayGoodbyeAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        try
        {
            await sink.SendAsync(frame, cancellationToken);
            await reader.DrainAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException || PathRun.IsBroken(exception))
        {
            // Then the path's end says it.
        }
    }
}
