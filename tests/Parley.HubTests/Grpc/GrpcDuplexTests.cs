using Parley.Hub.Transports.Grpc;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Grpc;

namespace Parley.HubTests.Grpc;

/// <summary>Streams in which both sides send, over a real Kestrel.</summary>
public sealed class GrpcDuplexTests
{
    private const string Path = "/parley.v1.Link/Connect";

    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Frames_are_answered_one_by_one_while_the_stream_stays_open()
    {
        await using var server = await GrpcTestServer.StartAsync(app => app.MapGrpcDuplex(Path, AnswerPingsAsync));
        await using var call = await server.Channel.DuplexAsync<Frame, Frame>(Path, null, Timeout);

        var answers = new List<Frame.BodyOneofCase>();
        for (var round = 0; round < 3; round++)
        {
            call.Write(new Frame { Ping = new Ping() });
            await call.FlushAsync(Timeout);
            Assert.True(await call.WaitToReadAsync(Timeout));
            Assert.True(call.TryRead(out var answer));
            answers.Add(answer.BodyCase);
        }

        await call.CompleteAsync(Timeout);
        Assert.Equal(Enumerable.Repeat(Frame.BodyOneofCase.Pong, 3), answers);
        Assert.False(await call.WaitToReadAsync(Timeout));
        Assert.Equal(GrpcStatusCode.OK, call.Status!.Code);
    }

    [Fact]
    public async Task Many_frames_go_in_one_flush_and_arrive_in_order()
    {
        await using var server = await GrpcTestServer.StartAsync(app => app.MapGrpcDuplex(Path, async call =>
        {
            while (await call.WaitToReadAsync(call.CancellationToken))
            {
                while (call.TryRead<Frame>(out var frame))
                {
                    call.Write(frame);
                }

                await call.FlushAsync(call.CancellationToken);
            }
        }));
        await using var call = await server.Channel.DuplexAsync<Frame, Frame>(Path, null, Timeout);

        for (var number = 1UL; number <= 1000; number++)
        {
            call.Write(new Frame { Call = new Call { Number = number } });
        }

        await call.CompleteAsync(Timeout);
        var numbers = new List<ulong>();
        await foreach (var frame in call.ReadAllAsync(Timeout))
        {
            numbers.Add(frame.Call.Number);
        }

        Assert.Equal(Enumerable.Range(1, 1000).Select(number => (ulong)number), numbers);
    }

    [Fact]
    public async Task Response_headers_arrive_before_the_first_message()
    {
        await using var server = await GrpcTestServer.StartAsync(app => app.MapGrpcDuplex(Path, async call =>
        {
            call.ResponseHeaders.Add("node", "n1");
            await call.SendHeadersAsync(call.CancellationToken);
            await AnswerPingsAsync(call);
        }));
        await using var call = await server.Channel.DuplexAsync<Frame, Frame>(Path, null, Timeout);

        var headers = await call.ReadHeadersAsync(Timeout);

        Assert.Equal("n1", headers.Get("node"));
    }

    [Fact]
    public async Task A_stream_opens_whether_the_headers_or_the_request_come_first()
    {
        await using var server = await GrpcTestServer.StartAsync(app => app.MapGrpcDuplex(Path, async call =>
        {
            await call.SendHeadersAsync(call.CancellationToken);
            await AnswerPingsAsync(call);
        }));

        for (var round = 0; round < 300; round++)
        {
            await using var call = await server.Channel.DuplexAsync<Frame, Frame>(Path, null, Timeout).WaitAsync(Deadline.Shared, Timeout);
            await call.CompleteAsync(Timeout);
            Assert.False(await call.WaitToReadAsync(Timeout));
        }
    }

    private static async Task AnswerPingsAsync(GrpcServerCall call)
    {
        await foreach (var frame in call.ReadAllAsync<Frame>(call.CancellationToken))
        {
            Assert.Equal(Frame.BodyOneofCase.Ping, frame.BodyCase);
            call.Write(new Frame { Pong = new Pong() });
            await call.FlushAsync(call.CancellationToken);
        }
    }
}
