using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

public sealed class SilentLinkTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.WebSocket))]
    public async Task A_silent_link_is_pinged_and_one_that_never_answers_is_ended_with_the_reason(string kind)
    {
        await using var hub = await HubFixture.StartAsync(options => options.Sessions.Heartbeat = TimeSpan.FromSeconds(1));
        await using var raw = await RawLink.AttachAsync(hub, await hub.EnrolAsync("alice"), SessionRole.Caller, Enum.Parse<LinkKind>(kind), Stop);

        var first = await raw.ReadAsync(Stop);
        var last = await raw.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop);

        Assert.Equal(Frame.BodyOneofCase.Ping, first!.BodyCase);
        Assert.Equal("link.timeout", last.Goodbye.Code);
        Assert.True(last.Goodbye.MayReturn);
    }

    [Fact]
    public async Task One_that_answers_every_ping_stays()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Sessions.Heartbeat = TimeSpan.FromSeconds(1));
        await using var raw = await RawLink.AttachAsync(hub, await hub.EnrolAsync("alice"), SessionRole.Caller, LinkKind.Grpc, Stop);

        var kinds = new List<Frame.BodyOneofCase>();
        while (kinds.Count < 4)
        {
            kinds.Add((await raw.ReadAsync(Stop))!.BodyCase);
            raw.Outbox.Send(new Frame { Pong = new Pong() });
        }

        Assert.All(kinds, kind => Assert.Equal(Frame.BodyOneofCase.Ping, kind));
    }
}
