using System.Security.Cryptography;
using Parley.Testing.Network;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Turn;

namespace Parley.Tests.WebRtc.Connections;

/// <summary>Two connections on one virtual network, each behind a NAT or not, with two STUN servers and a relay.</summary>
internal sealed class ConnectionPair : IDisposable
{
    private const string User = "user";
    private const string Password = "password";

    public ConnectionPair(int seed, NatKind? left = null, NatKind? right = null, LinkQuality? quality = null, PeerConnectionOptions? options = null, bool hasRelay = true, bool isRelayOnly = false)
    {
        Internet = new VirtualInternet(seed, quality);
        VirtualStunServer[] stun = [new VirtualStunServer(Internet, "203.0.113.1:3478"), new VirtualStunServer(Internet, "203.0.113.2:3478")];
        Relay = new VirtualTurnServer(Internet, "203.0.113.3:3478", User, Password);
        options = (options ?? new PeerConnectionOptions()) with
        {
            Ice = new IceOptions
            {
                StunServers = [.. stun.Select(server => server.Address)],
                TurnServers = hasRelay ? [new TurnServer(Relay.Address, User, Password)] : [],
                IsRelayOnly = isRelayOnly,
            },
        };
        LeftNat = left is null ? null : Internet.AddNat(left, "198.51.100.1");
        Left = new PeerHost(Internet, IceRole.Controlling, options, seed + 1000, LeftNat, left is null ? "198.51.100.10:4000" : "192.168.1.10:4000");
        Right = new PeerHost(Internet, IceRole.Controlled, options, seed + 2000, right is null ? null : Internet.AddNat(right, "198.51.100.2"), right is null ? "198.51.100.20:4000" : "10.0.0.20:4000");
    }

    public VirtualInternet Internet { get; }

    public VirtualTurnServer Relay { get; }

    public VirtualNat? LeftNat { get; }

    public PeerHost Left { get; }

    public PeerHost Right { get; }

    public bool AreConnected => Left.Connection.State == PeerConnectionState.Connected && Right.Connection.State == PeerConnectionState.Connected;

    public static ConnectionPair Connected(int seed, NatKind? left = null, NatKind? right = null, LinkQuality? quality = null, PeerConnectionOptions? options = null, bool isRelayOnly = false)
    {
        var pair = new ConnectionPair(seed, left, right, quality, options, isRelayOnly: isRelayOnly);
        pair.Connect();
        return pair;
    }

    public void Connect()
    {
        PeerHost.Introduce(Left, Right);
        Assert.True(Internet.RunUntil(() => AreConnected, TimeSpan.FromMinutes(2)), Describe());
    }

    /// <summary>A channel of the left end, once the right end knows it.</summary>
    public DataChannel Open(DataChannelOptions? options = null)
    {
        DataChannel? channel = null;
        Left.Do(connection => channel = connection.OpenChannel(options ?? new DataChannelOptions { Label = "test" }, Internet.Now));
        var seen = Right.Seen.Count;
        Assert.True(Internet.RunUntil(() => Right.Seen.Skip(seen).Any(one => one.Kind == PeerConnectionEventKind.PeerOpenedChannel), TimeSpan.FromMinutes(1)), Describe());
        return channel!;
    }

    /// <summary>The right end's side of the newest channel.</summary>
    public DataChannel Theirs() => Right.Seen.Last(one => one.Kind == PeerConnectionEventKind.PeerOpenedChannel).Channel!;

    /// <summary>Random messages of a size each, and the hash of all.</summary>
    public static (IEnumerable<byte[]> Messages, byte[] Hash) Flow(int seed, long total, int size)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var message in Make(seed, total, size))
        {
            hash.AppendData(message);
        }

        return (Make(seed, total, size), hash.GetCurrentHash());
    }

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }

    public string Describe() => string.Join(
        '\n',
        [
            $"{Left.Connection.State} {Left.Connection.FailureReason} {Left.Connection.Route} | {Right.Connection.State} {Right.Connection.FailureReason} {Right.Connection.Route}",
            $"received {Left.ReceivedBytes} {Right.ReceivedBytes} at {Internet.Now}",
            .. Left.Connection.Report().Pairs.Concat(Right.Connection.Report().Pairs).Select(one => one.ToString()),
        ]);

    private static IEnumerable<byte[]> Make(int seed, long total, int size)
    {
        var random = new Random(seed);
        for (var left = total; left > 0; left -= size)
        {
            var message = new byte[Math.Min(size, left)];
            random.NextBytes(message);
            yield return message;
        }
    }
}
