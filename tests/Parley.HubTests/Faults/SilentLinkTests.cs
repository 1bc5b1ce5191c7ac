using Parley.Hub.Sessions;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

public sealed class SilentLinkTests
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.WebSocket))]
    public async Task A_silent_link_is_pinged_and_one_that_never_answers_is_ended_with_the_reason(string kind)
    {
        await using var hub = await StartAsync();
        await using var raw = await RawLink.AttachAsync(hub, await hub.EnrolAsync("alice"), SessionRole.Caller, Enum.Parse<LinkKind>(kind), Stop);

        var first = await NextAsync(raw);
        var second = await NextAsync(raw);
        var last = await NextAsync(raw);

        Assert.Equal((Frame.BodyOneofCase.Ping, Frame.BodyOneofCase.Ping), (first.BodyCase, second.BodyCase));
        Assert.Equal("link.timeout", last.Goodbye.Code);
        Assert.True(last.Goodbye.MayReturn);
    }

    [Fact]
    public async Task One_that_answers_every_ping_stays()
    {
        await using var hub = await StartAsync();
        await using var raw = await RawLink.AttachAsync(hub, await hub.EnrolAsync("alice"), SessionRole.Caller, LinkKind.Grpc, Stop);
        var session = hub.Get<SessionDirectory>().All.Single();

        var kinds = new List<Frame.BodyOneofCase>();
        while (kinds.Count < 4)
        {
            kinds.Add((await NextAsync(raw)).BodyCase);
            raw.Outbox.Send(new Frame { Pong = new Pong() });
            await Deadline.UntilAsync(() => session.LastHeard == _time.GetTimestamp(), "the hub to hear the answer");
        }

        Assert.All(kinds, kind => Assert.Equal(Frame.BodyOneofCase.Ping, kind));
    }

    private Task<HubFixture> StartAsync() => HubFixture.StartAsync(options => options.Sessions.Heartbeat = _heartbeat, _time);

    /// <summary>What the hub says when a heartbeat has passed.</summary>
    private async Task<Frame> NextAsync(RawLink raw)
    {
        _time.Advance(_heartbeat);
        return (await raw.ReadAsync(Stop))!;
    }
}
