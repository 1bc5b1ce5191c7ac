using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Client.Transfer.Wire;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.Tests.Transfer;

/// <summary>A receiver, and at the other end of its session whatever a test says frame by frame.</summary>
internal sealed class HandMadeSender : IAsyncDisposable
{
    private readonly PeerSessionPair _pair = new(static _ => CuttableStream.Pair(long.MaxValue));
    private readonly TempFolder _target = new();
    private readonly FileReceiver _receiver;
    private readonly CancellationTokenSource _stop = new();
    private PeerPath? _path;
    private FrameReader? _reader;

    public HandMadeSender(TimeProvider? time = null, Func<ReceiveOptions, ReceiveOptions>? options = null)
    {
        var receive = new ReceiveOptions { Output = _target.FullPath, Limits = new TransferLimits { ChunkBytes = TransferStage.ChunkBytes } };
        _receiver = new FileReceiver(
            _pair.Acceptor, options?.Invoke(receive) ?? receive, static (_, _) => Task.FromResult(true), new TransferProgress(), time ?? TimeProvider.System, NullLogger.Instance);
        Receiving = _receiver.ReceiveAsync(_stop.Token);
    }

    public Task<TransferResult> Receiving { get; }

    /// <summary>Opens a path, offers these entries, and hears the plan.</summary>
    public async Task OfferAsync(params ManifestEntry[] entries)
    {
        _path = await _pair.Opener.ConnectAsync([], CancellationToken.None);
        _reader = new FrameReader(_path.Stream, new ChunkBuffers(TransferStage.ChunkBytes), TimeProvider.System);
        await SayAsync(new Hello(Hello.Version, Hello.Version, TransferStage.ChunkBytes, false).ToFrame());
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await SayAsync(ManifestFrames.Begin(new Manifest(new TransferLimits()), hash));
        var page = new FrameBuilder(FrameKind.Entries);
        foreach (var entry in entries)
        {
            ManifestFrames.Write(page, entry);
        }

        hash.AppendData(page.Content);
        await SayAsync(page.ToFrame());
        await SayAsync(ManifestFrames.End(entries.Length, hash));
        for (var kind = FrameKind.Hello; kind != FrameKind.PlanEnd;)
        {
            using var frame = await _reader.ReadAsync(CancellationToken.None);
            kind = frame.Kind;
        }
    }

    public async Task SayAsync(ReadOnlyMemory<byte> frame) => await _path!.Stream.WriteAsync(frame);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(Receiving);
        await _receiver.DisposeAsync();
        _stop.Dispose();
        await _pair.Acceptor.DisposeAsync();
        await _pair.Opener.DisposeAsync();
        _target.Dispose();
    }
}
