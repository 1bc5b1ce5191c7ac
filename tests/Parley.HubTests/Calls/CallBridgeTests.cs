using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Calls;
using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Client.Peering.Udp;
using Parley.HubTests.Peering;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.HubTests.Calls;

public sealed class CallBridgeTests
{
    private static readonly IceServer _own = IceServer.Parse("stun:hub.example:3479");
    private static readonly IceServer _relay = IceServer.Parse("turn:relay.example") with { User = "agent", Secret = "secret" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_is_told_the_hubs_STUN_server_before_those_of_its_user()
    {
        var told = await ConfigureAsync(_own, [_relay]);

        Assert.Equal(["stun:hub.example:3479", "turn:relay.example:3478"], told);
    }

    [Fact]
    public async Task A_hub_without_one_leaves_those_of_the_user()
    {
        var told = await ConfigureAsync(null, [_own]);

        Assert.Equal(["stun:hub.example:3479"], told);
    }

    [Fact]
    public async Task A_server_that_the_user_named_too_is_told_once()
    {
        var told = await ConfigureAsync(_own, [_own]);

        Assert.Equal(["stun:hub.example:3479"], told);
    }

    [Fact]
    public async Task An_output_that_takes_no_more_ends_the_call_and_says_why()
    {
        await using var stage = await PeerStage.StartAsync();
        await using var bridge = await CallBridge.StartAsync(new CallOptions(), new Deaf { HasRoom = false }, TimeProvider.System, RandomNumberGenerator.Fill, stage.Hubs.Near.Log.Factory, Stop);
        await using var window = await CallWindow.OpenAsync(bridge.Address);
        var fingerprint = await bridge.WaitPageAsync(Stop);
        await using var peering = await stage.AttachAsync(stage.Alice, PeerStage.Quick with { Accepts = [PeerPurpose.Call], DtlsFingerprint = fingerprint });
        await using var meeting = new PeerMeeting(
            peering, PeerPurpose.Call, stage.Alice.Address, null, TimeSpan.FromMinutes(5), static (_, _) => Task.FromResult(true), TimeProvider.System, NullLogger.Instance);
        meeting.Start();
        var running = bridge.RunAsync(meeting, Stop);

        await window.SayAsync("""{"type":"note","text":"the camera is on"}""");
        var failure = await Assert.ThrowsAsync<ParleyException>(() => running.WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.InvalidArgument, failure.Code);
    }

    private static async Task<IEnumerable<string?>> ConfigureAsync(IceServer? hub, IReadOnlyList<IceServer> named)
    {
        await using var bridge = await CallBridge.StartAsync(new CallOptions { IceServers = named }, new Deaf(), TimeProvider.System, RandomNumberGenerator.Fill, NullLoggerFactory.Instance, Stop);
        await using var window = await CallWindow.OpenAsync(bridge.Address);
        await bridge.WaitPageAsync(Stop);

        await bridge.ConfigureAsync(hub, Stop);
        var config = await window.WaitForAsync("config");

        return config.GetProperty("iceServers").EnumerateArray().Select(static server => server.GetProperty("urls").GetString());
    }

    private sealed class Deaf : ICallEvents
    {
        public bool HasRoom { get; init; } = true;

        public void OnSession(IPeerSession session)
        {
        }

        public void OnState(string state, string? path)
        {
        }

        public void OnFrames(long sent, long received)
        {
        }

        public void OnNote(string text)
        {
            if (!HasRoom)
            {
                throw new IOException("Broken pipe");
            }
        }
    }
}
