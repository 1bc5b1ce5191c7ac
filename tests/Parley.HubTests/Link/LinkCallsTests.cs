using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Sessions;
using Parley.Hub.Transports.Link;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Link;

public sealed class LinkCallsTests
{
    private const long WindowBytes = 256 * 1024;
    private readonly PipeLink _link = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_asks_and_does_not_read_is_not_read_until_it_does()
    {
        const int Count = 10_000;
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.DeliveryWindowBytes = WindowBytes);
        var agent = await hub.EnrolAsync("bob");
        var running = hub.Get<LinkPump>().RunAsync(_link, Stop);
        await _link.ProveAsync(agent, SessionRole.Caller, Stop);
        Assert.NotNull((await _link.ReadAsync(Stop)).Welcome);
        var outbox = hub.Get<SessionDirectory>().Of(agent.Address)[0].Outbox;
        _link.Hold();

        await _link.SendAsync(Enumerable.Range(1, Count).Select(number => new Frame { Call = new Call { Number = (ulong)number, Method = "whoami" } }));
        await Deadline.UntilAsync(() => outbox.PendingBytes > WindowBytes, "the outbox is full");
        _link.Release();
        var answered = new List<ulong>();
        while (answered.Count < Count)
        {
            answered.Add((await _link.ReadAsync(Stop)).Result.Number);
        }

        _link.End();
        await running;
        Assert.Equal(Enumerable.Range(1, Count).Select(number => (ulong)number), answered);
        Assert.InRange(_link.LargestWrite, 0, WindowBytes + MessagingLimits.MaxFrameBytes);
    }

    [Fact]
    public async Task A_client_that_never_reads_may_leave()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.DeliveryWindowBytes = WindowBytes);
        var agent = await hub.EnrolAsync("bob");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = hub.Get<LinkPump>().RunAsync(_link, leaving.Token);
        await _link.ProveAsync(agent, SessionRole.Caller, Stop);
        Assert.NotNull((await _link.ReadAsync(Stop)).Welcome);
        var outbox = hub.Get<SessionDirectory>().Of(agent.Address)[0].Outbox;
        _link.Hold();
        await _link.SendAsync(Enumerable.Range(1, 100_000).Select(number => new Frame { Ping = new Ping { Number = (ulong)number } }));
        await Deadline.UntilAsync(() => outbox.PendingBytes > WindowBytes, "the outbox is full");

        await leaving.CancelAsync();
        await running;

        Assert.Equal(0, hub.Get<SessionDirectory>().Count);
    }

    [Fact]
    public async Task What_a_slow_client_takes_is_a_sign_of_life()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.DeliveryWindowBytes = WindowBytes);
        var agent = await hub.EnrolAsync("bob");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = hub.Get<LinkPump>().RunAsync(_link, leaving.Token);
        await _link.ProveAsync(agent, SessionRole.Caller, Stop);
        Assert.NotNull((await _link.ReadAsync(Stop)).Welcome);
        var session = hub.Get<SessionDirectory>().Of(agent.Address)[0];
        _link.Hold();
        for (var number = 0; number < 40; number++)
        {
            session.Outbox.Append(new Frame { Result = new CallResult { Value = ByteString.CopyFrom(new byte[200_000]) } });
        }

        session.Outbox.Flush();
        await _link.SendAsync(new Frame { Ping = new Ping() });
        session.LastHeard = 0;
        _link.TakeOne();
        await Deadline.UntilAsync(() => session.LastHeard != 0, "a sign of life");

        Assert.True(session.Outbox.PendingBytes > WindowBytes);
        await leaving.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Calls_beyond_those_that_a_link_may_have_under_way_are_refused()
    {
        var answer = new TaskCompletionSource<byte[]>();
        var calls = new LinkCalls((_, _, _, _) => answer.Task, NullLogger<LinkCalls>.Instance);
        var ticket = new SessionTicket("s", AgentAddress.Parse("acme.bob"), SessionRole.Caller, 0, false, default, "test");
        var session = new Session(ticket, _link, new FrameOutbox(_link, Stop), (_, _) => { }, DateTimeOffset.UnixEpoch);
        var underWay = new CallsUnderWay();
        var first = Enumerable.Range(1, CallsUnderWay.Max).Select(number => calls.AnswerAsync(session, CallOf(number), underWay)).ToList();

        await calls.AnswerAsync(session, CallOf(1000), underWay);
        var refused = (await _link.ReadAsync(Stop)).Result;
        answer.SetResult("{}"u8.ToArray());
        await Task.WhenAll(first);
        await calls.AnswerAsync(session, CallOf(1001), underWay);
        await session.Outbox.FlushAsync();

        Assert.Equal((1000ul, "unavailable"), (refused.Number, refused.Code));
        Assert.Equal(CallsUnderWay.Max + 1, _link.ReadAll().Count(frame => frame.Result.Code.Length == 0));
    }

    private static Call CallOf(int number) => new() { Number = (ulong)number, Method = "whoami" };
}
