using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>A relay and who may use it.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="User">User name of long-term credentials.</param>
/// <param name="Password">Its password.</param>
public sealed record TurnServer(TransportAddress Address, string User, string Password)
{
    /// <summary>How it is spoken to.</summary>
    public TurnTransport Transport { get; init; }

    /// <summary>Address and user; never the password.</summary>
    public override string ToString() => $"{User}@{Address}";
}
