using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Pins;

/// <summary>Another agent as this home met it.</summary>
/// <param name="HubId">The hub at which it has its address.</param>
/// <param name="Address">Its address.</param>
/// <param name="Key">Its identity key, 32 bytes.</param>
/// <param name="FirstMet">When.</param>
/// <param name="VerifiedAt">When a person compared the phrase; null: nobody did.</param>
public sealed record KnownAgent(string HubId, AgentAddress Address, ReadOnlyMemory<byte> Key, DateTimeOffset FirstMet, DateTimeOffset? VerifiedAt)
{
    /// <summary>How its key is known.</summary>
    public PeerTrust Trust => VerifiedAt is null ? PeerTrust.Pinned : PeerTrust.Verified;
}
