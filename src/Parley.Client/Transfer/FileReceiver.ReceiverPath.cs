using System.Security.Cryptography;
using System.Threading.Channels;
using Parley.Client.Peering;
using Parley.Client.Transfer.Receiving;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <content>What happens on one path.</content>
public sealed partial class FileReceiver
{
    private const int WaitingFrames = 6;
    private const int RunsInFrame = 1000;
    private static readonly TimeSpan _ackInterval = TimeSpan.FromMilliseconds(100);

    private sealed class ReceiverPath(FileReceiver owner, PeerPath path)
    {
        private FrameSink _sink = null!;
        private FrameTalk _talk = null!;
        private SemaphoreSlim _telling = null!;

        private Intake Intake => owner._intake!;

        public async Task<ResultFrame> RunAsync(CancellationToken cancellationToken)
        {
            using var pathStop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, owner.Time);
            using var sink = new FrameSink(path.Stream, null, pathStop.Token);
            _sink = sink;
            using var telling = new SemaphoreSlim(1);
            _telling = telling;
            _talk = new FrameTalk(new FrameReader(path.Stream, owner._pool, owner.Time), _sink, "sender") { HasStream = owner.Manifest is { HasStream: true } };
            await _talk.RunAsync(TalkAsync, pathStop, owner.Limits, owner.Time, cancellationToken);
            return Intake.Result!.Value;
        }

        private async Task TalkAsync(CancellationToken cancellationToken)
        {
            var hello = await _talk.HelloAsync(cancellationToken);
            var isKnown = owner._intake is not null;
            if (hello.ChunkBytes > owner.Limits.ChunkBytes || (isKnown && owner._manifest!.ChunkBytes != hello.ChunkBytes))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"The receiver takes chunks of at most {owner.Limits.ChunkBytes} bytes, the same on each path.");
            }

            await _sink.SendAsync(new Hello(Hello.Version, Hello.Version, owner.Limits.ChunkBytes, isKnown).ToFrame(), cancellationToken);
            if (!isKnown)
            {
                var manifest = await ReadManifestAsync(hello.ChunkBytes, cancellationToken);
                _talk.HasStream = manifest.HasStream;
                await owner.DecideAsync(manifest, cancellationToken);
            }

            await SendPlanAsync(cancellationToken);
            var frames = Channel.CreateBounded<Frame>(new BoundedChannelOptions(WaitingFrames) { SingleReader = true, SingleWriter = true });
            await _talk.TogetherAsync(
                AcknowledgeAsync,
                cancellationToken,
                token => ReadAsync(frames.Writer, token),
                _ => WriteAsync(frames.Reader),
                token => new CompareHasher(owner._root!, owner._manifest!, Intake, _sink).RunAsync(token));
        }

        private async Task<Manifest> ReadManifestAsync(int chunkBytes, CancellationToken cancellationToken)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var manifest = new Manifest(owner.Limits) { ChunkBytes = chunkBytes };
            while (true)
            {
                using var frame = await _talk.NextAsync(cancellationToken);
                if (ManifestFrames.Take(frame.Kind, frame.Content.Span, manifest, owner.Limits, hash))
                {
                    return manifest;
                }
            }
        }

        private async Task SendPlanAsync(CancellationToken cancellationToken)
        {
            var (runs, kept) = Intake.Wanted();
            foreach (var page in runs.Chunk(RunsInFrame))
            {
                var frame = new FrameBuilder(FrameKind.Plan);
                foreach (var (first, count, action, chunks) in page)
                {
                    frame.Int32(first).Int32(count).Byte((byte)action).Int32(chunks);
                }

                await _sink.SendAsync(frame.ToFrame(), cancellationToken);
            }

            foreach (var (entry, hashes) in kept)
            {
                await CompareHasher.SendAsync(_sink, entry, hashes, cancellationToken);
            }

            await _sink.SendAsync(new FrameBuilder(FrameKind.PlanEnd).ToFrame(), cancellationToken);
        }

        // What was read before the path broke is still written.
        private async Task ReadAsync(ChannelWriter<Frame> frames, CancellationToken cancellationToken)
        {
            try
            {
                while (true)
                {
                    var frame = await _talk.NextAsync(cancellationToken);
                    if (frame.Kind == FrameKind.Bye)
                    {
                        frame.Dispose();
                        _ = Intake.Result ?? throw WireReader.Broken();
                        return;
                    }

                    await frames.WriteAsync(frame, cancellationToken);
                }
            }
            finally
            {
                frames.Complete();
            }
        }

        private async Task WriteAsync(ChannelReader<Frame> frames)
        {
            await foreach (var frame in frames.ReadAllAsync())
            {
                await Intake.TakeAsync(frame);
                if (Intake.Result is { } result)
                {
                    owner.Progress.Bytes = Intake.Position.Bytes;
                    await TellFailuresAsync(CancellationToken.None);
                    await _sink.SendAsync(result.ToFrame(), CancellationToken.None);
                }
            }
        }

        // A path that takes no more of our words may still bring what was sent before it broke; who reads notices its end.
        private async Task AcknowledgeAsync(CancellationToken cancellationToken)
        {
            try
            {
                await TellPositionAsync(cancellationToken);
            }
            catch (Exception exception) when (PathRun.IsBroken(exception))
            {
                // Then the next path says it.
            }
        }

        private async Task TellPositionAsync(CancellationToken cancellationToken)
        {
            var told = default(Ack);
            while (true)
            {
                await Task.Delay(_ackInterval, owner.Time, cancellationToken);
                var position = Intake.Position;
                if (position != told)
                {
                    await _sink.SendAsync(position.ToFrame(), cancellationToken);
                    told = position;
                    (owner.Progress.Bytes, owner.Progress.Entries) = (position.Bytes, position.Entry);
                    owner.Progress.Current = owner._manifest!.Entries[position.Entry].Path;
                }

                await TellFailuresAsync(cancellationToken);
            }
        }

        // One at a time: whoever says the result after this knows that no failure is still on its way. One that was not said is left to the next path.
        private async Task TellFailuresAsync(CancellationToken cancellationToken)
        {
            await _telling.WaitAsync(cancellationToken);
            try
            {
                while (owner._untold.TryPeek(out var failure))
                {
                    await _sink.SendAsync(failure.Refusal.ToFrame(FrameKind.TargetFailed, failure.Entry), cancellationToken);
                    owner._untold.TryDequeue(out _);
                }
            }
            finally
            {
                _telling.Release();
            }
        }
    }
}
