using Parley.Testing.Network;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Turn;

namespace Parley.Tests.WebRtc.Ice;

/// <summary>Two agents on one virtual network, each behind a NAT or not, with two STUN servers and a relay.</summary>
internal sealed class IcePair
{
    private const string User = "user";
    private const string Password = "password";

    /// <summary>The network before anything happens; the left agent controls.</summary>
    public IcePair(int seed, NatKind? left, NatKind? right, bool hasRelay = true, LinkQuality? quality = null, IceRole rightRole = IceRole.Controlled, Func<IceOptions, IceOptions>? options = null)
    {
        Internet = new VirtualInternet(seed, quality);
        Stun = [new VirtualStunServer(Internet, "203.0.113.1:3478"), new VirtualStunServer(Internet, "203.0.113.2:3478")];
        Relay = new VirtualTurnServer(Internet, "203.0.113.3:3478", User, Password);
        Options = new IceOptions
        {
            StunServers = [.. Stun.Select(server => server.Address)],
            TurnServers = hasRelay ? [new TurnServer(Relay.Address, User, Password)] : [],
        };
        Options = options?.Invoke(Options) ?? Options;
        Left = new IceHost(Internet, IceRole.Controlling, Options, seed + 1000, left is null ? null : Internet.AddNat(left, "198.51.100.1"), left is null ? "198.51.100.10:4000" : "192.168.1.10:4000");
        Right = new IceHost(Internet, rightRole, Options, seed + 2000, right is null ? null : Internet.AddNat(right, "198.51.100.2"), right is null ? "198.51.100.20:4000" : "10.0.0.20:4000");
    }

    /// <summary>The network.</summary>
    public VirtualInternet Internet { get; }

    /// <summary>The servers that tell addresses.</summary>
    public VirtualStunServer[] Stun { get; }

    /// <summary>The relay.</summary>
    public VirtualTurnServer Relay { get; }

    /// <summary>What both agents are given.</summary>
    public IceOptions Options { get; }

    /// <summary>The agent that controls.</summary>
    public IceHost Left { get; }

    /// <summary>The other one.</summary>
    public IceHost Right { get; }

    /// <summary>Both have a path.</summary>
    public bool AreConnected => Left.Agent.State == IceState.Connected && Right.Agent.State == IceState.Connected;

    /// <summary>Introduces them and waits until both have a path.</summary>
    public bool Connect(int seconds = 60)
    {
        IceHost.Introduce(Left, Right);
        return Internet.RunUntil(() => AreConnected, TimeSpan.FromSeconds(seconds));
    }

    /// <summary>A word goes each way and arrives.</summary>
    public bool CanTalk()
    {
        var (left, right) = (Left.Data.Count, Right.Data.Count);
        Left.Send([0x20, 1]);
        Right.Send([0x20, 2]);
        return Internet.RunUntil(() => Left.Data.Count > left && Right.Data.Count > right, TimeSpan.FromSeconds(3));
    }
}
