using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Client.Transfer.Wire;
using Parley.Testing.Peering;

namespace Parley.Tests.Transfer;

/// <summary>A sender, and at the other end of its session whatever a test says frame by frame.</summary>
internal sealed class HandMadeReceiver : IAsyncDisposable
{
    private readonly PeerSessionPair _pair = new(static _ => CuttableStream.Pair(long.MaxValue));
    private readonly ChunkBuffers _pool;
    private readonly FileSender _sender;
    private readonly CancellationTokenSource _stop = new();
    private readonly int _chunkBytes;
    private PeerPath? _path;
    private FrameReader? _reader;

    public HandMadeReceiver(SendOptions options, TimeProvider? time = null)
    {
        _chunkBytes = options.Limits.ChunkBytes;
        _pool = new ChunkBuffers(_chunkBytes);
        _sender = new FileSender(_pair.Opener, options, Progress, time ?? TimeProvider.System, NullLogger.Instance);
        Sending = _sender.SendAsync(_stop.Token);
    }

    public TransferProgress Progress { get; } = new();

    public Task<TransferResult> Sending { get; }

    /// <summary>Takes the next path, and what comes on it before the plan.</summary>
    public async Task TakeOfferAsync(bool hasManifest = false, int window = 0)
    {
        _path = await _pair.Acceptor.ConnectAsync([], CancellationToken.None);
        _reader = new FrameReader(_path.Stream, _pool, TimeProvider.System);
        await SayAsync(new Hello(Hello.Version, Hello.Version, _chunkBytes, hasManifest, window).ToFrame());
        await TakeUntilAsync(hasManifest ? FrameKind.Hello : FrameKind.ManifestEnd, 1);
    }

    /// <summary>Reads until so many frames of a kind came.</summary>
    public async Task TakeUntilAsync(FrameKind kind, int count)
    {
        while (count > 0)
        {
            using var frame = await _reader!.ReadAsync(CancellationToken.None);
            count -= frame.Kind == kind ? 1 : 0;
        }
    }

    /// <summary>The kind of the next frame.</summary>
    public async Task<FrameKind> TakeAsync()
    {
        using var frame = await _reader!.ReadAsync(CancellationToken.None);
        return frame.Kind;
    }

    public Task SayAsync(FrameBuilder frame) => SayAsync(frame.ToFrame());

    public async Task SayAsync(ReadOnlyMemory<byte> frame) => await _path!.Stream.WriteAsync(frame);

    public async Task BreakAsync()
    {
        ((CuttableStream)_path!.Stream).Break();
        await _path.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();

        // A sender that is stopped says so and waits a moment for this end to go, on its own clock.
        await (_path is null ? Task.CompletedTask : BreakAsync());
        await Task.WhenAny(Sending);
        _sender.Dispose();
        _stop.Dispose();
        await _pair.Acceptor.DisposeAsync();
        await _pair.Opener.DisposeAsync();
    }
}
