using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Rooms;
using Parley.Hub;
using Parley.Hub.Rooms;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using RoomItem = Parley.Client.Rooms.RoomItem;
using RoomSeat = Parley.Client.Rooms.RoomSeat;

namespace Parley.HubTests.Rooms.Doors;

/// <summary>A way to a hub's rooms.</summary>
internal enum RoomDoorKind
{
    Http,
    Grpc,
    WebSocket,
}

/// <summary>A real hub, and doors to its rooms.</summary>
internal sealed class RoomDoorKit : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _doors = [];
    private int _agents;

    private RoomDoorKit(HubFixture hub) => Hub = hub;

    public HubFixture Hub { get; }

    public long OpenWaits => Hub.Get<RoomService>().Meter.OpenWaits;

    /// <summary>Starts a hub without rates, unless the test sets them.</summary>
    public static async Task<RoomDoorKit> StartAsync(Action<HubOptions>? configure = null) => new(await HubFixture.StartAsync(options =>
    {
        options.Rooms.AreRatesLimited = false;
        options.Rooms.WaitLimit = TimeSpan.FromSeconds(20);
        configure?.Invoke(options);
    }));

    public Task<EnrolledAgent> EnrolAsync() => Hub.EnrolAsync($"agent-{++_agents}");

    /// <summary>Opens a door; a link is that of a fresh agent unless one is given.</summary>
    public async Task<IRoomDoor> OpenAsync(RoomDoorKind kind, EnrolledAgent? agent = null)
    {
        IRoomDoor door = kind == RoomDoorKind.Http
            ? new HttpRoomDoor(new RoomHub(Hub.Hub.Http, null, false), TimeProvider.System)
            : await OpenLinkAsync(kind, agent ?? await EnrolAsync());
        _doors.Add(door);
        return door;
    }

    /// <summary>Opens a seat on one door and takes the other by another; the host has read the join notice.</summary>
    public static async Task<(string Host, string Joiner)> PairAsync(IRoomDoor host, IRoomDoor joiner)
    {
        var opened = await host.OpenAsync(false, false, null, CancellationToken.None);
        var joined = await joiner.JoinAsync(opened.Code!, CancellationToken.None);
        Assert.Equal(RoomNotice.Joined, (await host.WaitAsync(opened.Token, CancellationToken.None))!.Notice);
        return (opened.Token, joined.Token);
    }

    /// <summary>The code of a refusal.</summary>
    public static async Task<ErrorCode> RefusalAsync(Func<Task> call) => (await Assert.ThrowsAsync<ParleyException>(call)).Code;

    /// <summary>Something to say that no loop detector takes for a courtesy.</summary>
    public static RoomMessage Say(string text, bool isHuman = false) => RoomMessage.Of(text, isHuman, RandomNumberGenerator.Fill);

    public Task UntilParkedAsync(int count = 1) => Deadline.UntilAsync(() => OpenWaits == count, $"{count} parked waits");

    public async ValueTask DisposeAsync()
    {
        foreach (var door in _doors)
        {
            await door.DisposeAsync();
        }

        await Hub.DisposeAsync();
    }

    private async Task<LinkRoomDoor> OpenLinkAsync(RoomDoorKind kind, EnrolledAgent agent)
    {
        var profile = agent.Profile with { Http = Hub.Reroute(Hub.Hub.Http), Grpc = Hub.Reroute(Hub.Hub.Grpc) };
        ILinkDialer dialer = kind == RoomDoorKind.Grpc ? new GrpcLinkDialer(profile) : new WebSocketLinkDialer(profile);
        var options = new HubLinkOptions { Role = SessionRole.Caller, MaxBackoff = TimeSpan.FromMilliseconds(300) };
        var opened = await LinkRoomDoor.OpenAsync(
            dialer, profile, HomeIdentity.Load(agent.Home), options, TimeProvider.System, RandomNumberGenerator.Fill, Hub.Log.Factory.CreateLogger("Link"), CancellationToken.None);
        return opened!.Value.Door;
    }
}
