using System.Net;
using System.Security.Cryptography;
using Parley.Client.Peering;
using Parley.Client.Peering.Paths;
using Parley.Hub;
using Parley.HubTests.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Peering;

/// <summary>A hub with two agents, alice and bob, who meet.</summary>
internal sealed class PeerStage : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];

    private PeerStage(HubPair hubs, EnrolledAgent alice, EnrolledAgent bob) => (Hubs, Alice, Bob) = (hubs, alice, bob);

    /// <summary>One node, or two.</summary>
    public HubPair Hubs { get; }

    /// <summary>Opens sessions; hangs on the near node.</summary>
    public EnrolledAgent Alice { get; }

    /// <summary>Accepts sessions; hangs on the far node.</summary>
    public EnrolledAgent Bob { get; }

    /// <summary>The peerings that were attached, oldest first.</summary>
    public IEnumerable<AgentPeering> Attached => _owned.OfType<AgentPeering>();

    /// <summary>Options of tests: on loopback, and impatient.</summary>
    public static PeeringOptions Quick { get; } = new()
    {
        RepeatEvery = TimeSpan.FromMilliseconds(200),
        GoneAfter = TimeSpan.FromSeconds(2),
        PathTimeout = TimeSpan.FromSeconds(10),
        Tcp = new TcpPathOptions { Addresses = [IPAddress.Loopback] },
    };

    /// <summary>What bob takes.</summary>
    public static PeeringOptions Receiving { get; } = Quick with { Role = SessionRole.Recv, Accepts = [PeerPurpose.Transfer] };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>One hub, both agents of one owner unless bob has another.</summary>
    public static async Task<PeerStage> StartAsync(Action<HubOptions>? configure = null, string bobsOwner = "acme", bool hasTwoNodes = false)
    {
        var hubs = hasTwoNodes ? await HubPair.OfTwoAsync(configure ?? (_ => { })) : await HubPair.OfOneAsync(configure ?? (_ => { }));
        return new PeerStage(hubs, await hubs.EnrolAsync("alice"), await hubs.EnrolAsync("bob", bobsOwner));
    }

    /// <summary>Attaches a peering of one of them.</summary>
    public async Task<AgentPeering> AttachAsync(EnrolledAgent agent, PeeringOptions? options = null, TimeProvider? time = null)
    {
        var hub = agent == Alice ? Hubs.Near : Hubs.Far;
        (agent.Profile with { Http = hub.Reroute(hub.Hub.Http), Grpc = hub.Reroute(hub.Hub.Grpc) }).Save(agent.Home);
        var peering = await AgentPeering.AttachAsync(agent.Home, options ?? Quick, time ?? TimeProvider.System, RandomNumberGenerator.Fill, hub.Log.Factory, Stop);
        _owned.Add(peering);
        return peering;
    }

    /// <summary>Both attach, alice opens, bob accepts.</summary>
    public async Task<(IPeerSession Alices, IPeerSession Bobs)> MeetAsync(PeeringOptions? alices = null, PeeringOptions? bobs = null, TimeProvider? time = null)
    {
        var (alice, bob) = (await AttachAsync(Alice, alices, time), await AttachAsync(Bob, bobs ?? Receiving, time));
        var accepting = NextAsync(bob, PeerPurpose.Transfer);
        var opened = await alice.OpenAsync(Bob.Address.ToString(), PeerPurpose.Transfer, Stop);
        return (opened, await accepting.WaitAsync(Deadline.Shared, Stop));
    }

    /// <summary>The next session that somebody opens.</summary>
    public static async Task<IPeerSession> NextAsync(IPeering peering, PeerPurpose purpose)
    {
        await foreach (var session in peering.AcceptAsync(purpose, Stop))
        {
            return session;
        }

        throw new InvalidOperationException("The peering ended.");
    }

    /// <summary>Both ends open a path.</summary>
    public static async Task<(PeerPath Alices, PeerPath Bobs)> ConnectAsync(IPeerSession alices, IPeerSession bobs, params PathKind[] kinds)
    {
        var both = await Task.WhenAll(alices.ConnectAsync(kinds, Stop), bobs.ConnectAsync(kinds, Stop)).WaitAsync(Deadline.Shared, Stop);
        return (both[0], both[1]);
    }

    /// <summary>Sends bytes and gives what came out at the other end.</summary>
    public static async Task<byte[]> CarryAsync(Stream from, Stream to, byte[] bytes)
    {
        var received = new byte[bytes.Length];
        await Task.WhenAll(from.WriteAsync(bytes, Stop).AsTask(), to.ReadExactlyAsync(received, Stop).AsTask()).WaitAsync(Deadline.Shared, Stop);
        return received;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }

        await Hubs.DisposeAsync();
    }
}
