using Google.Protobuf;
using Parley.Hub.Transports.Grpc;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Testing.Grpc;
using Parley.Testing.Grpc.Wire;

namespace Parley.HubTests.Grpc;

/// <summary>Unary and server-streaming calls over a real Kestrel: messages, metadata, statuses and limits.</summary>
public sealed class GrpcCallTests
{
    private const string Say = "/parley.test.Echo/Say";
    private const string Count = "/parley.test.Echo/Count";

    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_answered()
    {
        await using var server = await StartAsync((words, _) => Task.FromResult(new Words { Text = words.Text + "!" }));

        var reply = await server.Channel.UnaryAsync<Words, Words>(Say, new Words { Text = "hi" }, null, Timeout);

        Assert.Equal("hi!", reply.Message.Text);
    }

    [Fact]
    public async Task Metadata_travels_both_ways_before_and_after_the_message()
    {
        await using var server = await StartAsync((words, call) =>
        {
            call.ResponseHeaders.Add("before", call.RequestHeaders.Get("text")!);
            Assert.True(call.RequestHeaders.TryGetBytes("raw-bin", out var raw));
            call.Trailers.Add("after-bin", raw);
            return Task.FromResult(words);
        });
        var headers = new GrpcMetadata().Add("text", "plain").Add("raw-bin", [0, 1, 255]);

        var reply = await server.Channel.UnaryAsync<Words, Words>(Say, new Words(), new GrpcCallOptions { Headers = headers }, Timeout);

        Assert.Equal("plain", reply.Headers.Get("before"));
        Assert.True(reply.Trailers.TryGetBytes("after-bin", out var after));
        Assert.Equal([0, 1, 255], after);
    }

    [Fact]
    public async Task A_refusal_arrives_with_its_code_and_sentence()
    {
        await using var server = await StartAsync((_, _) => throw new ParleyException(ErrorCode.MailboxFull, "Voll: 100 % ü") { RetryAfter = TimeSpan.FromSeconds(3) });

        var failure = await Assert.ThrowsAsync<GrpcException>(() => SayAsync(server));

        var refusal = GrpcErrorDetails.ToRefusal(failure);
        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.Status.Code);
        Assert.Equal(ErrorCode.MailboxFull, refusal.Code);
        Assert.Equal("Voll: 100 % ü", refusal.Message);
        Assert.Equal(TimeSpan.FromSeconds(3), refusal.RetryAfter);
    }

    [Fact]
    public async Task A_chosen_status_arrives_with_its_trailers()
    {
        await using var server = await StartAsync((_, _) =>
            throw new GrpcException(new GrpcStatus(GrpcStatusCode.DataLoss, "gone"), new GrpcMetadata().Add("why", "x")));

        var failure = await Assert.ThrowsAsync<GrpcException>(() => SayAsync(server));

        Assert.Equal(GrpcStatusCode.DataLoss, failure.Status.Code);
        Assert.Equal("x", failure.Trailers.Get("why"));
    }

    [Fact]
    public async Task A_defect_shows_nothing_of_itself()
    {
        await using var server = await StartAsync((_, _) => throw new InvalidOperationException("secret"));

        var failure = await Assert.ThrowsAsync<GrpcException>(() => SayAsync(server));

        Assert.Equal(GrpcStatusCode.Internal, failure.Status.Code);
        Assert.DoesNotContain("secret", failure.ToString());
    }

    [Fact]
    public async Task An_unknown_method_is_unimplemented()
    {
        await using var server = await StartAsync((words, _) => Task.FromResult(words));

        var failure = await Assert.ThrowsAsync<GrpcException>(() => server.Channel.UnaryAsync<Words, Words>("/parley.test.Echo/Nothing", new Words(), null, Timeout));

        Assert.Equal(GrpcStatusCode.Unimplemented, failure.Status.Code);
    }

    [Fact]
    public async Task Nothing_listening_is_unavailable()
    {
        var server = await StartAsync((words, _) => Task.FromResult(words));
        using var invoker = new HttpMessageInvoker(GrpcHttpHandler.Create());
        var channel = new GrpcChannel(invoker, server.Address);
        await server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync<Words, Words>(Say, new Words(), null, Timeout));

        Assert.Equal(GrpcStatusCode.Unavailable, failure.Status.Code);
    }

    [Fact]
    public async Task A_message_larger_than_the_window_arrives_whole()
    {
        await using var server = await StartAsync((words, _) => Task.FromResult(words));
        var words = new Words { Bulk = ByteString.CopyFrom(new byte[(3 * 1024 * 1024) + 7]) };

        var reply = await server.Channel.UnaryAsync<Words, Words>(Say, words, null, Timeout);

        Assert.Equal(words.Bulk.Length, reply.Message.Bulk.Length);
    }

    [Fact]
    public async Task A_request_over_the_servers_limit_is_refused()
    {
        await using var server = await StartAsync((words, _) => Task.FromResult(words), new GrpcServerOptions { MaxReceiveBytes = 1000 });

        var failure = await Assert.ThrowsAsync<GrpcException>(() =>
            server.Channel.UnaryAsync<Words, Words>(Say, new Words { Bulk = ByteString.CopyFrom(new byte[2000]) }, null, Timeout));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.Status.Code);
        Assert.Contains("2003", failure.Status.Detail);
    }

    [Fact]
    public async Task A_request_over_the_clients_own_limit_is_never_sent()
    {
        var calls = 0;
        await using var server = await StartAsync((words, _) =>
        {
            calls++;
            return Task.FromResult(words);
        });
        var channel = server.OpenChannel(new GrpcChannelOptions { MaxSendBytes = 1000 });

        var failure = await Assert.ThrowsAsync<GrpcException>(() =>
            channel.UnaryAsync<Words, Words>(Say, new Words { Bulk = ByteString.CopyFrom(new byte[2000]) }, null, Timeout));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.Status.Code);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task An_answer_over_the_clients_limit_is_refused()
    {
        await using var server = await StartAsync((_, _) => Task.FromResult(new Words { Bulk = ByteString.CopyFrom(new byte[2000]) }));
        var channel = server.OpenChannel(new GrpcChannelOptions { MaxReceiveBytes = 1000 });

        var failure = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync<Words, Words>(Say, new Words(), null, Timeout));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.Status.Code);
    }

    [Fact]
    public async Task An_answer_over_the_servers_limit_is_a_status_and_no_half_message()
    {
        await using var server = await StartAsync(
            (_, _) => Task.FromResult(new Words { Bulk = ByteString.CopyFrom(new byte[2000]) }), new GrpcServerOptions { MaxSendBytes = 1000 });

        var failure = await Assert.ThrowsAsync<GrpcException>(() => SayAsync(server));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.Status.Code);
    }

    [Fact]
    public async Task A_stream_of_answers_ends_with_its_status()
    {
        await using var server = await GrpcTestServer.StartAsync(app => app.MapGrpcServerStreaming<Words, Words>(Count, (words, _) => CountAsync(words.Number, fail: true)));
        var numbers = new List<int>();

        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            await foreach (var words in server.Channel.ServerStreamingAsync<Words, Words>(Count, new Words { Number = 500 }, null, Timeout))
            {
                numbers.Add(words.Number);
            }
        });

        Assert.Equal(Enumerable.Range(1, 500), numbers);
        Assert.Equal(GrpcStatusCode.NotFound, failure.Status.Code);
    }

    [Fact]
    public async Task Leaving_a_stream_of_answers_stops_the_server()
    {
        var stopped = new TaskCompletionSource();
        await using var server = await GrpcTestServer.StartAsync(app => app.MapGrpcServerStreaming<Words, Words>(Count, (_, call) => ForEverAsync(call, stopped)));

        await foreach (var words in server.Channel.ServerStreamingAsync<Words, Words>(Count, new Words(), null, Timeout))
        {
            Assert.Equal(1, words.Number);
            break;
        }

        await stopped.Task.WaitAsync(Timeout);
    }

    [Fact]
    public async Task A_thousand_calls_at_once_are_all_answered()
    {
        await using var server = await StartAsync(async (words, _) =>
        {
            await Task.Yield();
            return words;
        });

        var replies = await Task.WhenAll(Enumerable.Range(0, 1000).Select(number =>
            server.Channel.UnaryAsync<Words, Words>(Say, new Words { Number = number }, null, Timeout)));

        Assert.Equal(Enumerable.Range(0, 1000), replies.Select(reply => reply.Message.Number));
    }

    private static Task<GrpcTestServer> StartAsync(Func<Words, GrpcServerCall, Task<Words>> handler, GrpcServerOptions? options = null) =>
        GrpcTestServer.StartAsync(app => app.MapGrpcUnary(Say, handler, options));

    private static Task<GrpcReply<Words>> SayAsync(GrpcTestServer server) =>
        server.Channel.UnaryAsync<Words, Words>(Say, new Words { Text = "hi" }, null, Timeout);

    private static async IAsyncEnumerable<Words> CountAsync(int count, bool fail)
    {
        for (var number = 1; number <= count; number++)
        {
            if (number % 100 == 0)
            {
                await Task.Yield();
            }

            yield return new Words { Number = number };
        }

        if (fail)
        {
            throw new ParleyException(ErrorCode.NotFound, "No more.");
        }
    }

    private static async IAsyncEnumerable<Words> ForEverAsync(GrpcServerCall call, TaskCompletionSource stopped)
    {
        yield return new Words { Number = 1 };
        try
        {
            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, call.CancellationToken);
        }
        finally
        {
            stopped.SetResult();
        }
    }
}
