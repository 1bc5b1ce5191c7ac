using Parley.Protocol.Errors;
using System.Diagnostics;
using Google.Protobuf;
using Parley.Protocol.Grpc;
using Parley.Testing.Grpc.Wire;

namespace Parley.EndToEndTests.Grpc;

/// <summary>Our client calls a grpc-js server.</summary>
public sealed class GrpcJsServerTests : IAsyncLifetime
{
    private const string Say = "/parley.test.Echo/Say";
    private const string Count = "/parley.test.Echo/Count";
    private const string Talk = "/parley.test.Echo/Talk";

    private readonly HttpMessageInvoker _invoker = new(GrpcHttpHandler.Create());
    private Process _node = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await NodeFolder.StartAsync("grpc-server.js", Timeout, NodeFolder.EchoProto);
        var port = await _node.StandardOutput.ReadLineAsync(Timeout) ?? throw new InvalidOperationException(await _node.StandardError.ReadToEndAsync(Timeout));
        _channel = new GrpcChannel(_invoker, new Uri($"http://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        if (_node is not null)
        {
            _node.StandardInput.Close();
            await _node.WaitForExitAsync(CancellationToken.None);
            _node.Dispose();
        }
    }

    [Fact]
    public async Task A_unary_call_carries_metadata_both_ways()
    {
        var headers = new GrpcMetadata().Add("text", "plain").Add("raw-bin", [0, 1, 255]);

        var reply = await _channel.UnaryAsync<Words, Words>(Say, new Words { Text = "hi" }, new GrpcCallOptions { Headers = headers }, Timeout);

        Assert.Equal("hi", reply.Message.Text);
        Assert.Equal("plain", reply.Headers.Get("before"));
        Assert.True(reply.Trailers.TryGetBytes("after-bin", out var after));
        Assert.Equal([0, 1, 255], after);
    }

    [Fact]
    public async Task A_large_message_goes_there_and_back()
    {
        var bulk = ByteString.CopyFrom(new byte[2 * 1024 * 1024]);

        var reply = await _channel.UnaryAsync<Words, Words>(Say, new Words { Bulk = bulk }, null, Timeout);

        Assert.Equal(bulk.Length, reply.Message.Bulk.Length);
    }

    [Fact]
    public async Task A_refusal_brings_sentence_details_and_trailers()
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(() => _channel.UnaryAsync<Words, Words>(Say, new Words { Text = "refuse" }, null, Timeout));

        Assert.Equal(GrpcStatusCode.NotFound, failure.Status.Code);
        Assert.Equal("Nichts: 100 % ü", failure.Status.Detail);
        Assert.Equal([8, 5], failure.Status.Details.ToArray());
        Assert.Equal("x", failure.Trailers.Get("why"));
    }

    [Fact]
    public async Task A_deadline_is_kept()
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(() => _channel.UnaryAsync<Words, Words>(
            Say, new Words { Text = "sleep" }, new GrpcCallOptions { Timeout = TimeSpan.FromMilliseconds(300) }, Timeout));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.Status.Code);
    }

    [Fact]
    public async Task An_unknown_method_is_unimplemented()
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(() => _channel.UnaryAsync<Words, Words>("/parley.test.Echo/Nothing", new Words(), null, Timeout));

        Assert.Equal(GrpcStatusCode.Unimplemented, failure.Status.Code);
    }

    [Fact]
    public async Task A_stream_of_answers_is_read_to_its_end()
    {
        var numbers = new List<int>();

        await foreach (var words in _channel.ServerStreamingAsync<Words, Words>(Count, new Words { Number = 1000 }, null, Timeout))
        {
            numbers.Add(words.Number);
        }

        Assert.Equal(Enumerable.Range(1, 1000), numbers);
    }

    [Fact]
    public async Task Both_sides_talk_in_turn()
    {
        await using var call = await _channel.DuplexAsync<Words, Words>(Talk, null, Timeout);

        for (var round = 0; round < 50; round++)
        {
            call.Write(new Words { Number = round });
            await call.FlushAsync(Timeout);
            Assert.True(await call.WaitToReadAsync(Timeout));
            Assert.True(call.TryRead(out var words));
            Assert.Equal(round, words.Number);
        }

        await call.CompleteAsync(Timeout);
        Assert.False(await call.WaitToReadAsync(Timeout));
    }

    [Fact]
    public async Task A_call_that_is_disposed_of_is_cancelled_at_the_server()
    {
        await using (var call = await _channel.DuplexAsync<Words, Words>(Talk, null, Timeout))
        {
            call.Write(new Words { Number = 1 });
            await call.FlushAsync(Timeout);
            Assert.True(await call.WaitToReadAsync(Timeout));
        }

        var cancelled = 0;
        while (cancelled == 0)
        {
            cancelled = (await _channel.UnaryAsync<Words, Words>(Say, new Words { Text = "cancelled?" }, null, Timeout)).Message.Number;
        }

        Assert.Equal(1, cancelled);
    }
}
