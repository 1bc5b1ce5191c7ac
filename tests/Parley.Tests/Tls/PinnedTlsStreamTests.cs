using System.Security.Cryptography;
using Parley.Crypto.Tls;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.Tests.Tls;

public sealed class PinnedTlsStreamTests
{
    private const int Many = 10 * 1024 * 1024;

    [Fact]
    public async Task Ten_megabytes_each_way_at_once_arrive_whole()
    {
        await using var pair = await TlsPair.ConnectAsync();
        var (up, down) = (Bytes(1, Many), Bytes(2, Many));

        var received = await Task.WhenAll(
            ReceiveAsync(pair.Server, Many), ReceiveAsync(pair.Client, Many), SendAsync(pair.Client, up), SendAsync(pair.Server, down)).WaitAsync(Deadline.Shared);

        Assert.Equal(SHA256.HashData(up), received[0]);
        Assert.Equal(SHA256.HashData(down), received[1]);
    }

    [Fact]
    public async Task Writers_at_once_do_not_mix_their_bytes()
    {
        await using var pair = await TlsPair.ConnectAsync();
        var writes = Enumerable.Range(0, 50).Select(number => pair.Client.WriteAsync(Enumerable.Repeat((byte)number, 1000).ToArray()).AsTask());

        var received = new byte[50 * 1000];
        await Task.WhenAll([.. writes, pair.Server.ReadExactlyAsync(received).AsTask()]).WaitAsync(Deadline.Shared);

        Assert.All(received.Chunk(1000), chunk => Assert.Single(chunk.Distinct()));
        Assert.Equal(50, received.Distinct().Count());
    }

    [Fact]
    public async Task Keys_change_under_way_from_either_side()
    {
        await using var pair = await TlsPair.ConnectAsync();

        for (byte round = 0; round < 5; round++)
        {
            await pair.Client.UpdateKeysAsync(default);
            Assert.Equal(round, await PingAsync(pair.Client, pair.Server, round));
            await pair.Server.UpdateKeysAsync(default);
            Assert.Equal(round, await PingAsync(pair.Server, pair.Client, round));
        }
    }

    [Fact]
    public async Task Goodbye_is_the_end_of_the_stream_and_the_other_direction_stays()
    {
        await using var pair = await TlsPair.ConnectAsync();
        await pair.Client.WriteAsync("last"u8.ToArray());

        await pair.Client.ShutdownAsync();
        await pair.Server.ReadExactlyAsync(new byte[4]);
        var end = await pair.Server.ReadAsync(new byte[1]).AsTask().WaitAsync(Deadline.Shared);
        var answer = await PingAsync(pair.Server, pair.Client, 7);

        Assert.Equal(0, end);
        Assert.Equal(7, answer);
        Assert.Equal(TlsFault.Broken, (await Assert.ThrowsAsync<TlsException>(() => pair.Client.WriteAsync(new byte[1]).AsTask())).Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposing_says_goodbye(bool isWaitedFor)
    {
        await using var pair = await TlsPair.ConnectAsync();

        if (isWaitedFor)
        {
            await pair.Client.DisposeAsync();
        }
        else
        {
            // The way of an HTTP client that closes a connection.
            ((IDisposable)pair.Client).Dispose();
        }

        Assert.Equal(0, await pair.Server.ReadAsync(new byte[1]).AsTask().WaitAsync(Deadline.Shared));
    }

    [Fact]
    public async Task An_end_without_goodbye_is_reported_as_cut_off()
    {
        await using var pair = await TlsPair.ConnectAsync();
        await pair.Client.WriteAsync("hello"u8.ToArray());
        pair.Wire.Left.Dispose();

        await pair.Server.ReadExactlyAsync(new byte[5]);
        var exception = await Assert.ThrowsAsync<TlsException>(() => pair.Server.ReadAsync(new byte[1]).AsTask().WaitAsync(Deadline.Shared));

        Assert.Equal(TlsFault.Truncated, exception.Fault);
    }

    [Fact]
    public async Task A_record_that_is_cut_short_gives_no_byte_and_is_reported()
    {
        using var wire = new DuplexPair();
        await using var server = await ServeRawAsync(wire, client => client.Encrypt(new byte[1000])[..500]);
        wire.Left.Dispose();

        var exception = await Assert.ThrowsAsync<TlsException>(() => server.ReadAsync(new byte[2000]).AsTask().WaitAsync(Deadline.Shared));

        Assert.Equal(TlsFault.Truncated, exception.Fault);
    }

    [Fact]
    public async Task A_record_with_one_changed_bit_is_refused_and_so_is_everything_after_it()
    {
        using var wire = new DuplexPair();
        await using var server = await ServeRawAsync(wire, client =>
        {
            var (first, second) = (client.Encrypt("good"u8), client.Encrypt("bad"u8));
            second[^1] ^= 1;
            return [.. first, .. second, .. client.Encrypt("good again"u8)];
        });
        var buffer = new byte[100];

        var count = await server.ReadAsync(buffer);
        var first = await Assert.ThrowsAsync<TlsException>(() => server.ReadAsync(buffer).AsTask());
        var second = await Assert.ThrowsAsync<TlsException>(() => server.ReadAsync(buffer).AsTask());

        Assert.Equal("good"u8.ToArray(), buffer[..count]);
        Assert.Equal((TlsFault.Damaged, TlsFault.Damaged), (first.Fault, second.Fault));
    }

    [Fact]
    public async Task A_record_that_comes_again_is_refused()
    {
        using var wire = new DuplexPair();
        await using var server = await ServeRawAsync(wire, client => [.. Twice(client.Encrypt("once"u8))]);

        await server.ReadExactlyAsync(new byte[4]);
        var exception = await Assert.ThrowsAsync<TlsException>(() => server.ReadAsync(new byte[4]).AsTask());

        Assert.Equal(TlsFault.Damaged, exception.Fault);
    }

    [Fact]
    public async Task Reading_into_nothing_waits_for_data_and_takes_none()
    {
        await using var pair = await TlsPair.ConnectAsync();

        var waiting = pair.Server.ReadAsync(Memory<byte>.Empty).AsTask();
        var isEarly = waiting.IsCompleted;
        await pair.Client.WriteAsync("x"u8.ToArray());
        await waiting.WaitAsync(Deadline.Shared);

        Assert.False(isEarly);
        Assert.Equal(1, await pair.Server.ReadAsync(new byte[10]));
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using var pair = await TlsPair.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var reading = pair.Server.ReadAsync(new byte[10], stop.Token).AsTask();

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Deadline.Shared));

        Assert.Equal(9, await PingAsync(pair.Client, pair.Server, 9));
    }

    [Fact]
    public async Task A_write_that_was_broken_off_ends_writing()
    {
        await using var pair = await TlsPair.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var writing = pair.Client.WriteAsync(new byte[Many], stop.Token).AsTask();

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Deadline.Shared));
        var exception = await Assert.ThrowsAsync<TlsException>(() => pair.Client.WriteAsync(new byte[1]).AsTask().WaitAsync(Deadline.Shared));

        Assert.Equal(TlsFault.Broken, exception.Fault);
    }

    [Fact]
    public async Task Two_readers_at_once_are_a_mistake()
    {
        await using var pair = await TlsPair.ConnectAsync();
        _ = pair.Server.ReadAsync(new byte[1]).AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.Server.ReadAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task Abandoned_handshakes_give_everything_back()
    {
        using var side = new TlsSide();
        var server = TlsContext.ForServer(new TlsServerOptions { Identity = side.Identity });
        var client = TlsContext.ForClient(new TlsClientOptions { Pins = [side.Pin] });
        foreach (var context in new[] { client, server })
        {
            using var wire = new DuplexPair();
            using var stop = new CancellationTokenSource();
            var handshake = PinnedTlsStream.AuthenticateAsync(wire.Left, context, cancellationToken: stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handshake.WaitAsync(Deadline.Shared));
        }

        client.Dispose();
        server.Dispose();

        Assert.True(client.IsReleased);
        Assert.True(server.IsReleased);
    }

    [Fact]
    public async Task A_connection_outlives_its_context_and_then_gives_it_back()
    {
        using var side = new TlsSide();
        var server = TlsContext.ForServer(new TlsServerOptions { Identity = side.Identity });
        var client = TlsContext.ForClient(new TlsClientOptions { Pins = [side.Pin] });
        var pair = await TlsPair.ConnectAsync(client, server);
        client.Dispose();
        server.Dispose();

        var answer = await PingAsync(pair.Client, pair.Server, 3);
        var isHeld = !client.IsReleased && !server.IsReleased;
        await pair.DisposeAsync();

        Assert.Equal(3, answer);
        Assert.True(isHeld);
        Assert.True(client.IsReleased && server.IsReleased);
    }

    private static byte[][] Pair(byte[] record) => [record, record];

    private static IEnumerable<byte> Twice(byte[] record) => Pair(record).SelectMany(bytes => bytes);

    private static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte> PingAsync(Stream from, Stream to, byte value)
    {
        var buffer = new byte[1];
        await from.WriteAsync(new[] { value });
        await to.ReadExactlyAsync(buffer).AsTask().WaitAsync(Deadline.Shared);
        return buffer[0];
    }

    private static async Task<byte[]> SendAsync(Stream stream, byte[] bytes)
    {
        // Odd sizes, so that records and writes do not fall together.
        for (var at = 0; at < bytes.Length;)
        {
            var part = bytes.AsMemory(at, Math.Min(100_003, bytes.Length - at));
            await stream.WriteAsync(part);
            at += part.Length;
        }

        return [];
    }

    private static async Task<byte[]> ReceiveAsync(Stream stream, int count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[77_777];
        for (var left = count; left > 0;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)));
            Assert.NotEqual(0, read);
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        return hash.GetHashAndReset();
    }

    private static async Task<PinnedTlsStream> ServeRawAsync(DuplexPair wire, Func<RawTlsClient, byte[]> records)
    {
        using var side = new TlsSide();
        using var context = TlsContext.ForServer(new TlsServerOptions { Identity = side.Identity });
        using var clientContext = TlsContext.ForClient(new TlsClientOptions { Pins = [side.Pin] });
        using var client = new RawTlsClient(wire.Left, clientContext);
        var serving = PinnedTlsStream.AuthenticateAsync(wire.Right, context);
        await client.ConnectAsync();
        var server = await serving.WaitAsync(Deadline.Shared);
        await wire.Left.WriteAsync(records(client));
        return server;
    }
}
