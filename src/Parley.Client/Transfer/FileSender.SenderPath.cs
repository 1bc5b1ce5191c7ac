using System.Security.Cryptography;
using System.Threading.Channels;
using Parley.Client.Peering;
using Parley.Client.Transfer.Sending;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <content>What happens on one path.</content>
public sealed partial class FileSender
{
    private const int ReadyBuffers = 4;

    private sealed class SenderPath(FileSender owner, PeerPath path)
    {
        private FrameSink _sink = null!;
        private FrameTalk _talk = null!;
        private ResultFrame? _result;
        private SendWindow? _window;

        public async Task<ResultFrame> RunAsync(CancellationToken cancellationToken)
        {
            using var pathStop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, owner.Time);
            using var sink = new FrameSink(path.Stream, owner._rate, pathStop.Token);
            _sink = sink;
            _talk = new FrameTalk(new FrameReader(path.Stream, owner._pool, owner.Time), _sink, "receiver") { HasStream = owner._stream is not null };
            await _talk.RunAsync(TalkAsync, pathStop, owner.Limits, owner.Time, cancellationToken);
            return _result!.Value;
        }

        private async Task TalkAsync(CancellationToken cancellationToken)
        {
            await _sink.SendAsync(new Hello(Hello.Version, Hello.Version, owner._manifest.ChunkBytes, false).ToFrame(), cancellationToken);
            var hello = await _talk.HelloAsync(cancellationToken);
            if (owner._manifest.ChunkBytes > hello.ChunkBytes)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"The receiver takes chunks of at most {hello.ChunkBytes} bytes.");
            }

            _window = hello.Window > 0 ? new SendWindow(hello.Window) : null;
            var plan = await OfferAsync(hello.HasManifest, cancellationToken);
            var ready = Channel.CreateBounded<OutBuffer>(new BoundedChannelOptions(ReadyBuffers) { SingleReader = true, SingleWriter = true });
            using var pump = new SendPump(owner._tree!, owner._manifest, plan, owner._stream, owner._pool, ready.Writer, _window, owner.Fail);
            await _talk.TogetherAsync(static _ => Task.CompletedTask, cancellationToken, pump.RunAsync, token => WriteAsync(ready.Reader, token), token => ListenAsync(plan, token));
        }

        // The manifest leaves while the tree is walked; the receiver's plan comes back.
        private async Task<SendPlan> OfferAsync(bool hasManifest, CancellationToken cancellationToken)
        {
            if (!hasManifest)
            {
                await OfferManifestAsync(cancellationToken);
            }

            owner.LogOffer();
            owner.Progress.TotalBytes = owner._manifest.HasStream ? -1 : owner._manifest.Bytes;
            owner.Progress.IsDeciding = true;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(owner.DecisionTimeout);
            try
            {
                return await ReadPlanAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ParleyException(ErrorCode.DeadlineExceeded, "The receiver did not say in time whether it wants the files.");
            }
            finally
            {
                owner.Progress.IsDeciding = false;
            }
        }

        private async Task<SendPlan> ReadPlanAsync(CancellationToken cancellationToken)
        {
            var plan = new SendPlan(owner._manifest);
            while (true)
            {
                using var frame = await _talk.NextAsync(cancellationToken);
                switch (frame.Kind)
                {
                    case FrameKind.Plan:
                        plan.Take(frame.Content.Span);
                        break;
                    case FrameKind.Hashes:
                        TakeHashes(plan, frame);
                        break;
                    case FrameKind.PlanEnd:
                        // On a path that broke before it was acknowledged something may have arrived as well.
                        owner.Progress.Bytes = Math.Max(owner.Progress.Bytes, plan.BytesThere);
                        return plan;
                    default:
                        throw WireReader.Broken();
                }
            }
        }

        // A receiver that does not like the beginning does not wait for the end.
        private async Task OfferManifestAsync(CancellationToken cancellationToken)
        {
            try
            {
                await SendManifestAsync(cancellationToken);
            }
            catch (Exception exception) when (PathRun.IsBroken(exception))
            {
                await _talk.HearOutAsync(cancellationToken);
            }
        }

        private async Task SendManifestAsync(CancellationToken cancellationToken)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await _sink.SendAsync(ManifestFrames.Begin(owner._manifest, hash), cancellationToken);
            var page = new FrameBuilder(FrameKind.Entries);
            foreach (var entry in owner.Entries())
            {
                ManifestFrames.Write(page, entry);
                if (page.Length >= ManifestFrames.PageBytes)
                {
                    hash.AppendData(page.Content);
                    await _sink.SendAsync(page.ToFrame(), cancellationToken);
                    page = new FrameBuilder(FrameKind.Entries);
                }
            }

            hash.AppendData(page.Content);
            await _sink.SendAsync(page.ToFrame(), cancellationToken);
            await _sink.SendAsync(ManifestFrames.End(owner._manifest.Entries.Count, hash), cancellationToken);
        }

        // A path that takes nothing more may still bring the receiver's last word; who listens notices its end.
        private async Task WriteAsync(ChannelReader<OutBuffer> ready, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var buffer in ready.ReadAllAsync(cancellationToken))
                {
                    await _sink.SendAsync(buffer.Bytes.AsMemory(0, buffer.Length), cancellationToken);
                    owner._pool.Return(buffer.Bytes);
                }
            }
            catch (Exception exception) when (PathRun.IsBroken(exception))
            {
                await Task.Delay(owner.Limits.MaxSilence, owner.Time, cancellationToken);
                throw;
            }
        }

        private async Task ListenAsync(SendPlan plan, CancellationToken cancellationToken)
        {
            while (true)
            {
                using var frame = await _talk.NextAsync(cancellationToken);
                switch (frame.Kind)
                {
                    case FrameKind.Ack:
                        TakeAck(Ack.Read(frame.Content.Span));
                        break;
                    case FrameKind.Hashes:
                        TakeHashes(plan, frame);
                        break;
                    case FrameKind.TargetFailed:
                        var (entry, refusal) = Refusal.ReadOfEntry(frame.Content.Span);
                        owner.Fail(entry, refusal);
                        plan.Fail(entry);
                        _window?.Acknowledge(entry, 0);
                        break;
                    case FrameKind.Result:
                        _result = ResultFrame.Read(frame.Content.Span);
                        await SayByeAsync(cancellationToken);
                        return;
                    default:
                        throw WireReader.Broken();
                }
            }
        }

        // Everything is there, whether the receiver learns that we know it or not.
        private async Task SayByeAsync(CancellationToken cancellationToken)
        {
            try
            {
                await _sink.SendAsync(new FrameBuilder(FrameKind.Bye).ToFrame(), cancellationToken);
            }
            catch (Exception exception) when (PathRun.IsBroken(exception))
            {
                // Its own end of the path says so.
            }
        }

        private void TakeAck(Ack ack)
        {
            if (ack.Entry >= owner._manifest.Entries.Count)
            {
                throw WireReader.Broken();
            }

            _window?.Acknowledge(ack.Entry, ack.Chunks);
            owner.Progress.Bytes = ack.Bytes;
            owner.Progress.Entries = ack.Entry;
            var entry = owner._manifest.Entries[ack.Entry];
            owner.Progress.Current = entry.Path;
            if (entry.Kind == EntryKind.Stream)
            {
                owner._stream!.Release(ack.Chunks);
            }
        }

        private void TakeHashes(SendPlan plan, Frame frame) => plan.TakeHashes(
            frame.Content.Span,
            entry => owner._manifest.Entries[entry] is { Kind: EntryKind.File } file ? (0, Manifest.ChunksOf(file.Size, owner._manifest.ChunkBytes)) : owner._stream?.Kept ?? default);
    }
}
