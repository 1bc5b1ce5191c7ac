using System.IO.Pipelines;
using System.Security.Cryptography;
using Parley.Client.HubLink;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Link;
using Parley.Testing;

namespace Parley.Tests.Peering;

/// <summary>The TLS of a session inside a circuit, with a hub that does what it likes with the bytes.</summary>
public sealed class LyingRelayTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_honest_circuit_carries_what_was_written()
    {
        var (near, far) = await MeetAsync((bytes, _) => bytes);
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var received = new byte[bytes.Length];

        await Task.WhenAll(near.WriteAsync(bytes, Stop).AsTask(), far.ReadExactlyAsync(received, Stop).AsTask());

        Assert.Equal(bytes, received);
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("drop")]
    [InlineData("repeat")]
    [InlineData("swap")]
    [InlineData("cut")]
    public async Task Bytes_that_were_changed_break_the_path_and_are_never_read(string lie)
    {
        byte[]? held = null;
        var isLying = false;
        var (near, far) = await MeetAsync((bytes, number) =>
        {
            if (!isLying)
            {
                return bytes;
            }

            switch (lie)
            {
                case "flip":
                    bytes[bytes.Length / 2] ^= 1;
                    return bytes;
                case "drop":
                    isLying = false;
                    return [];
                case "repeat":
                    return [.. bytes, .. bytes];
                case "swap" when held is null:
                    held = bytes;
                    return [];
                case "swap":
                    return [.. bytes, .. held];
                default:
                    return bytes[..(bytes.Length / 2)];
            }
        });
        isLying = true;
        using var received = new MemoryStream();

        var failure = await Record.ExceptionAsync(async () =>
        {
            var reading = far.CopyToAsync(received, Stop);
            for (var part = 0; part < 20; part++)
            {
                await near.WriteAsync(Enumerable.Repeat((byte)(part + 1), 1000).ToArray(), Stop);
            }

            await near.DisposeAsync();
            await reading.WaitAsync(Deadline.Shared, Stop);
        });

        // What is repeated after the last word of TLS is not read at all.
        Assert.True(failure is IOException || (lie == "repeat" && failure is null && received.Length == 20_000), $"{failure}");
        Assert.Equal(Enumerable.Range(0, (int)received.Length).Select(index => (byte)((index / 1000) + 1)), received.ToArray());
    }

    [Fact]
    public async Task A_hub_that_puts_itself_in_between_shows_another_certificate_and_is_refused()
    {
        using var alice = SessionTls.Make(TimeProvider.System);
        using var bob = SessionTls.Make(TimeProvider.System);
        using var hub = SessionTls.Make(TimeProvider.System);
        alice.Pin(bob.Fingerprint);
        hub.Pin(alice.Fingerprint);
        using var pair = new DuplexPair();

        var serving = hub.ProveAsync(pair.Right, isClient: false, Stop);
        var refused = await Assert.ThrowsAsync<Parley.Crypto.Tls.TlsException>(() => alice.ProveAsync(pair.Left, isClient: true, Stop));

        Assert.Equal(Parley.Crypto.Tls.TlsFault.PinMismatch, refused.Fault);
        await Assert.ThrowsAnyAsync<IOException>(() => serving);
    }

    [Fact]
    public void Frames_of_all_sizes_are_read_as_they_were_written()
    {
        foreach (var size in new[] { 1, 127, 128, 16_383, 16_384, 131_072 })
        {
            var target = new byte[size + 20];
            var length = RelayStream.WriteFrame(target, new byte[size]);
            var buffer = new System.Buffers.ReadOnlySequence<byte>(target.AsMemory(0, length));

            Assert.True(FrameCodec.TryRead(ref buffer, out var frame));
            Assert.Equal(size, frame.CircuitBytes.Length);
            Assert.True(buffer.IsEmpty);
        }
    }

    [Fact]
    public async Task What_is_no_frame_ends_the_stream()
    {
        var good = new byte[40];
        var length = RelayStream.WriteFrame(good, new byte[20]);

        await Task.WhenAll(Enumerable.Range(0, Math.Min(Fuzz.Count, 1000)).Select(async number =>
        {
            var input = new Pipe();
            var bytes = Fuzz.Mutate(new Random(number), good.AsSpan(0, length));
            await input.Writer.WriteAsync(bytes, Stop);
            await input.Writer.CompleteAsync();
            await using var stream = new RelayStream(new DialedLink(new PipeEnd(input.Reader, new Pipe().Writer), default));
            try
            {
                var buffer = new byte[64];
                while (await stream.ReadAsync(buffer, Stop) > 0)
                {
                    // Whatever is read, TLS looks at it.
                }
            }
            catch (IOException)
            {
                // Refused.
            }
        }));
    }

    private static async Task<(Stream Near, Stream Far)> MeetAsync(Func<byte[], int, byte[]> lie)
    {
        var (alice, bob) = (SessionTls.Make(TimeProvider.System), SessionTls.Make(TimeProvider.System));
        alice.Pin(bob.Fingerprint);
        bob.Pin(alice.Fingerprint);
        Pipe[] pipes = [new(), new(), new(), new()];
        _ = CarryAsync(pipes[0].Reader, pipes[1].Writer, lie);
        _ = CarryAsync(pipes[2].Reader, pipes[3].Writer, (bytes, _) => bytes);
        var near = new RelayStream(new DialedLink(new PipeEnd(pipes[3].Reader, pipes[0].Writer), default));
        var far = new RelayStream(new DialedLink(new PipeEnd(pipes[1].Reader, pipes[2].Writer), default));
        var both = await Task.WhenAll(alice.ProveAsync(near, isClient: true, Stop), bob.ProveAsync(far, isClient: false, Stop));
        return (both[0], both[1]);
    }

    private static async Task CarryAsync(PipeReader from, PipeWriter to, Func<byte[], int, byte[]> lie)
    {
        for (var number = 0; ; number++)
        {
            var read = await from.ReadAsync(Stop);
            if (!read.Buffer.IsEmpty)
            {
                await to.WriteAsync(lie(System.Buffers.BuffersExtensions.ToArray(read.Buffer), number), Stop);
            }

            from.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await to.CompleteAsync();
                return;
            }
        }
    }

    private sealed class PipeEnd(PipeReader input, PipeWriter output) : ILinkTransport
    {
        public string Name => "pipe";

        public PipeReader Input => input;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) => await output.WriteAsync(frames, cancellationToken);

        public void Abort() => output.Complete();
    }
}
