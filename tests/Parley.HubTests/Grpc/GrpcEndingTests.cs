using Google.Protobuf;
using Parley.Hub.Transports.Grpc;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Grpc;

namespace Parley.HubTests.Grpc;

/// <summary>The ways in which a stream ends early, seen from both sides, and what a slow reader does to a writer.</summary>
public sealed class GrpcEndingTests
{
    private const string Path = "/parley.v1.Link/Connect";

    private static readonly TimeSpan _still = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        var atServer = new TaskCompletionSource();
        await using var server = await StartAsync(call => WaitForEverAsync(call, atServer));
        var (clock, limit) = (new FakeTimeProvider(), TimeSpan.FromHours(1));
        await using var call = await server.OpenChannel(new GrpcChannelOptions { TimeProvider = clock }).DuplexAsync<Frame, Frame>(Path, new GrpcCallOptions { Timeout = limit }, Timeout);
        await call.ReadHeadersAsync(Timeout);

        clock.Advance(limit);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.Status.Code);
        await atServer.Task.WaitAsync(Deadline.Shared, Timeout);
    }

    [Fact]
    public async Task The_server_keeps_the_deadline_for_a_client_that_does_not()
    {
        var clock = new FakeTimeProvider();
        await using var server = await StartAsync(call => WaitForEverAsync(call, new TaskCompletionSource()), clock);
        using var invoker = new HttpMessageInvoker(new DeadlineOnTheWire(GrpcHttpHandler.Create(), "200m"));
        await using var call = await new GrpcChannel(invoker, server.Address).DuplexAsync<Frame, Frame>(Path, null, Timeout);
        await call.ReadHeadersAsync(Timeout);

        clock.Advance(TimeSpan.FromMilliseconds(200));
        var failure = await Assert.ThrowsAsync<GrpcException>(() => call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.Status.Code);
    }

    [Fact]
    public async Task A_client_that_cancels_is_seen_by_the_server()
    {
        var atServer = new TaskCompletionSource();
        await using var server = await StartAsync(call => WaitForEverAsync(call, atServer));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Timeout);
        await using var call = await server.Channel.DuplexAsync<Frame, Frame>(Path, null, cancel.Token);
        await call.ReadHeadersAsync(Timeout);
        var reading = call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await atServer.Task.WaitAsync(Deadline.Shared, Timeout);
        Assert.Equal(GrpcStatusCode.Cancelled, call.Status!.Code);
    }

    [Fact]
    public async Task A_call_that_is_disposed_of_is_seen_by_the_server()
    {
        var atServer = new TaskCompletionSource();
        await using var server = await StartAsync(call => WaitForEverAsync(call, atServer));
        var call = await OpenAsync(server);
        await call.ReadHeadersAsync(Timeout);

        await call.DisposeAsync();

        await atServer.Task.WaitAsync(Deadline.Shared, Timeout);
    }

    [Fact]
    public async Task Aborting_wakes_a_reader()
    {
        await using var server = await StartAsync(call => WaitForEverAsync(call, new TaskCompletionSource()));
        await using var call = await OpenAsync(server);
        await call.ReadHeadersAsync(Timeout);
        var reading = call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared);

        call.Abort();

        var failure = await Assert.ThrowsAsync<GrpcException>(() => reading);
        Assert.Equal(GrpcStatusCode.Cancelled, failure.Status.Code);
    }

    [Fact]
    public async Task A_server_that_resets_the_stream_is_seen_by_the_client()
    {
        await using var server = await StartAsync(async call =>
        {
            await call.SendHeadersAsync(call.CancellationToken);
            await call.WaitToReadAsync(call.CancellationToken);
            call.Abort();
        });
        await using var call = await OpenAsync(server);
        call.Write(new Frame { Ping = new Ping() });
        await call.FlushAsync(Timeout);

        var failure = await Assert.ThrowsAsync<GrpcException>(() => call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared));

        Assert.True(failure.Status.Code is GrpcStatusCode.Internal or GrpcStatusCode.Cancelled, failure.ToString());
    }

    [Fact]
    public async Task A_server_that_ends_the_stream_stops_the_writer_and_says_why()
    {
        await using var server = await StartAsync(call => throw new ParleyException(ErrorCode.Draining, "Elsewhere."));
        GrpcException failure;

        try
        {
            await using var call = await OpenAsync(server);
            while (await call.FlushAsync(Timeout) && call.Status is null)
            {
                call.Write(new Frame { Chunk = new BodyChunk { Data = ByteString.CopyFrom(new byte[10_000]) } });
            }

            failure = await Assert.ThrowsAsync<GrpcException>(() => call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared));
        }
        catch (GrpcException atOnce)
        {
            failure = atOnce;
        }

        Assert.Equal(ErrorCode.Draining, GrpcErrorDetails.ToRefusal(failure).Code);
    }

    [Fact]
    public async Task A_status_after_messages_comes_as_trailers()
    {
        await using var server = await StartAsync(async call =>
        {
            call.Write(new Frame { Pong = new Pong() });
            await call.FlushAsync(call.CancellationToken);
            call.Trailers.Add("last", "word");
            throw new ParleyException(ErrorCode.LinkReplaced, "Replaced.");
        });
        await using var call = await OpenAsync(server);

        Assert.True(await call.WaitToReadAsync(Timeout));
        Assert.True(call.TryRead(out _));
        var failure = await Assert.ThrowsAsync<GrpcException>(() => call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared));

        Assert.Equal(GrpcStatusCode.Aborted, failure.Status.Code);
        Assert.Equal("word", failure.Trailers.Get("last"));
    }

    [Fact]
    public async Task A_server_that_stops_ends_the_stream()
    {
        var server = await StartAsync(call => WaitForEverAsync(call, new TaskCompletionSource()));
        using var invoker = new HttpMessageInvoker(GrpcHttpHandler.Create());
        await using var call = await new GrpcChannel(invoker, server.Address).DuplexAsync<Frame, Frame>(Path, null, Timeout);
        await call.ReadHeadersAsync(Timeout);
        var reading = call.WaitToReadAsync(Timeout).AsTask().WaitAsync(Deadline.Shared);

        await server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<GrpcException>(() => reading);
        Assert.NotEqual(GrpcStatusCode.OK, failure.Status.Code);
    }

    [Fact]
    public async Task A_slow_server_makes_the_client_wait()
    {
        var go = new TaskCompletionSource();
        var received = 0L;
        await using var server = await StartAsync(async call =>
        {
            await go.Task.WaitAsync(call.CancellationToken);
            await foreach (var frame in call.ReadAllAsync<Frame>(call.CancellationToken))
            {
                received += frame.Chunk.Data.Length;
            }
        });
        await using var call = await OpenAsync(server);
        var sent = 0L;
        var flush = Task.FromResult(true);

        // Half the window has room in any case; what stands still beyond it is taken for full.
        while (sent < 64 * 1024 * 1024 && (flush.IsCompleted || await FinishesAsync(flush, sent < GrpcKestrel.StreamWindowBytes / 2 ? Deadline.Shared : _still)))
        {
            call.Write(new Frame { Chunk = new BodyChunk { Data = ByteString.CopyFrom(new byte[64 * 1024]) } });
            sent += 64 * 1024;
            flush = call.FlushAsync(Timeout).AsTask();
        }

        Assert.InRange(sent, GrpcKestrel.StreamWindowBytes / 2, 2 * GrpcKestrel.StreamWindowBytes);
        go.SetResult();
        await flush;
        await call.CompleteAsync(Timeout);
        Assert.False(await call.WaitToReadAsync(Timeout));
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task A_slow_client_makes_the_server_wait_and_loses_nothing()
    {
        const int Frames = 1000;
        var written = 0;
        await using var server = await StartAsync(async call =>
        {
            var frame = new Frame { Chunk = new BodyChunk { Data = ByteString.CopyFrom(new byte[64 * 1024]) } };
            while (written < Frames)
            {
                call.Write(frame);
                written++;
                await call.FlushAsync(call.CancellationToken);
            }
        });
        await using var call = await OpenAsync(server);
        await call.ReadHeadersAsync(Timeout);

        var before = -1;
        while (before != Volatile.Read(ref written))
        {
            before = Volatile.Read(ref written);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Timeout);
        }

        var read = 0;
        await foreach (var frame in call.ReadAllAsync(Timeout))
        {
            read++;
        }

        Assert.InRange(before, 1, Frames / 2);
        Assert.Equal(Frames, read);
    }

    private static async Task<bool> FinishesAsync(Task flush, TimeSpan longest) =>
        await Task.WhenAny(flush, Task.Delay(longest, TimeProvider.System, Timeout)) == flush;

    private static Task<GrpcTestServer> StartAsync(Func<GrpcServerCall, Task> handler, TimeProvider? time = null) =>
        GrpcTestServer.StartAsync(app => app.MapGrpcDuplex(Path, handler), time);

    private static Task<GrpcDuplexCall<Frame, Frame>> OpenAsync(GrpcTestServer server) =>
        server.Channel.DuplexAsync<Frame, Frame>(Path, null, Timeout);

    private static async Task WaitForEverAsync(GrpcServerCall call, TaskCompletionSource ended)
    {
        try
        {
            await call.SendHeadersAsync(call.CancellationToken);
            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, call.CancellationToken);
        }
        finally
        {
            ended.SetResult();
        }
    }

    /// <summary>Adds a deadline that the client itself knows nothing of.</summary>
    private sealed class DeadlineOnTheWire(HttpMessageHandler inner, string timeout) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", timeout);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
