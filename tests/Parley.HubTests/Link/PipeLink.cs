using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Google.Protobuf;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Link;

/// <summary>A link in memory whose client is the test. The hub handles what is sent before <see cref="SendAsync"/> returns, as far as it needs to wait for nobody.</summary>
internal sealed class PipeLink : ILinkTransport
{
    private readonly Pipe _input = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Channel<Frame> _frames = Channel.CreateUnbounded<Frame>();
    private volatile Task _reading = Task.CompletedTask;
    private TaskCompletionSource? _held;

    /// <inheritdoc/>
    public string Name => "pipe";

    /// <inheritdoc/>
    public PipeReader Input => _input.Reader;

    /// <summary>The bytes of the largest write so far.</summary>
    public int LargestWrite { get; private set; }

    /// <summary>The client reads nothing from here on.</summary>
    public void Hold() => _reading = (_held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>It reads again.</summary>
    public void Release()
    {
        _reading = Task.CompletedTask;
        _held!.SetResult();
    }

    /// <summary>It takes what is being written, and nothing after that.</summary>
    public void TakeOne()
    {
        var taken = _held!;
        Hold();
        taken.SetResult();
    }

    /// <summary>Sends frames, all in one piece.</summary>
    public async Task SendAsync(params IEnumerable<Frame> frames)
    {
        foreach (var frame in frames)
        {
            FrameCodec.Write(_input.Writer, frame);
        }

        await _input.Writer.FlushAsync();
    }

    /// <summary>Ends the client's side.</summary>
    public void End() => _input.Writer.Complete();

    /// <summary>Shakes hands up to the proof.</summary>
    public async Task ProveAsync(EnrolledAgent agent, SessionRole role, CancellationToken cancellationToken)
    {
        var nonce = new byte[LinkProof.NonceSize];
        await SendAsync(new Frame { Hello = new Hello { VersionMin = 1, VersionMax = 1, Agent = agent.Address.ToString(), Role = role, Nonce = ByteString.CopyFrom(nonce) } });
        var challenge = (await ReadAsync(cancellationToken)).Challenge;
        var signed = LinkProof.Build(default, challenge.HubId, challenge.Nonce.Span, nonce, agent.Address, role, challenge.Version);
        await SendAsync(new Frame { Proof = new Proof { Signature = ByteString.CopyFrom(agent.Identity.Sign(signed)) } });
    }

    /// <summary>The next frame of the hub.</summary>
    public ValueTask<Frame> ReadAsync(CancellationToken cancellationToken) => _frames.Reader.ReadAsync(cancellationToken);

    /// <summary>What the hub has sent and nobody has read.</summary>
    public List<Frame> ReadAll()
    {
        var all = new List<Frame>();
        while (_frames.Reader.TryRead(out var frame))
        {
            all.Add(frame);
        }

        return all;
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        LargestWrite = Math.Max(LargestWrite, frames.Length);
        await _reading.WaitAsync(cancellationToken);
        var buffer = new ReadOnlySequence<byte>(frames);
        while (FrameCodec.TryRead(ref buffer, out var frame))
        {
            _frames.Writer.TryWrite(frame);
        }
    }

    /// <inheritdoc/>
    public void Abort() => End();
}
