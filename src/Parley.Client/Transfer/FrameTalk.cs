using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>What both ends do with frames on a path, whatever these say.</summary>
/// <param name="reader">Where they come from.</param>
/// <param name="sink">Where they go.</param>
/// <param name="other">The other end, for sentences.</param>
internal sealed class FrameTalk(FrameReader reader, FrameSink sink, string other)
{
    private bool _isTold;

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
                    throw new ParleyException(ErrorCode.Canceled, $"The {other} stopped; sent again, it goes on where it was.");
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
    /// <param name="pathStop">Ends writing.</param>
    /// <param name="limits">Limits.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">The user's stop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> talk, CancellationTokenSource pathStop, TransferLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await PathRun.TogetherAsync(token => PathRun.WatchAsync(reader, sink, limits.MaxSilence, time, token), cancellationToken, talk);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SayGoodbyeAsync(new FrameBuilder(FrameKind.Stop).ToFrame(), pathStop);
            throw;
        }
        catch (ParleyException exception) when (!_isTold)
        {
            await SayGoodbyeAsync(Refusal.Of(exception).ToFrame(), pathStop);
            throw;
        }
        finally
        {
            await pathStop.CancelAsync();
        }
    }

    private async Task SayGoodbyeAsync(ReadOnlyMemory<byte> frame, CancellationTokenSource pathStop)
    {
        var patience = TimeSpan.FromSeconds(2);
        pathStop.CancelAfter(patience);
        try
        {
            await sink.SendAsync(frame, pathStop.Token);
            await reader.DrainAsync(pathStop.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException || PathRun.IsBroken(exception))
        {
            // Then the path's end says it.
        }
    }
}
