using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Identity;

/// <summary>What an agent signs to attach to a hub: proof of its key that is good for this handshake on this connection and for nothing else.</summary>
/// <remarks>
/// Layout: <c>parley-link-v1</c> | NUL | fields, each with its length before it (u16, big endian):
/// SHA-256 of the SubjectPublicKeyInfo of the hub's certificate as the client saw it (32 bytes; empty without TLS) | hub id | hub's nonce (32) | client's nonce (32)
/// | agent's canonical address | session role (1 byte, the number in link.proto) | link version chosen (u32).
/// The hub's key in the signed bytes is what stops a machine in the middle: the proof it collects names its own key, not the hub's.
/// </remarks>
public static class LinkProof
{
    /// <summary>First bytes of what is signed.</summary>
    public const string Purpose = "parley-link-v1";

    /// <summary>Length of either side's nonce in bytes.</summary>
    public const int NonceSize = 32;

    /// <summary>The bytes to sign, or to verify against.</summary>
    /// <param name="hubKeyHash">SHA-256 of the hub's SubjectPublicKeyInfo on this connection; empty without TLS.</param>
    /// <param name="hubId">The hub's id from the join string.</param>
    /// <param name="hubNonce">From the hub's challenge.</param>
    /// <param name="clientNonce">From the client's hello.</param>
    /// <param name="agent">Who attaches.</param>
    /// <param name="role">As what.</param>
    /// <param name="linkVersion">The version that the hub chose.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: a nonce, hash or role that cannot be.</exception>
    public static byte[] Build(
        ReadOnlySpan<byte> hubKeyHash,
        string hubId,
        ReadOnlySpan<byte> hubNonce,
        ReadOnlySpan<byte> clientNonce,
        AgentAddress agent,
        SessionRole role,
        uint linkVersion) =>
        new SignedFields(Purpose)
            .AddHashOrNothing(hubKeyHash, "hub's key hash")
            .Add(hubId)
            .AddExactly(NonceSize, hubNonce, "hub's nonce")
            .AddExactly(NonceSize, clientNonce, "client's nonce")
            .Add(agent.ToString())
            .Add(RoleByte(role))
            .Add(linkVersion)
            .ToArray();

    private static byte RoleByte(SessionRole role) =>
        (int)role is > 0 and <= byte.MaxValue ? (byte)role : throw new ParleyException(ErrorCode.ProtocolViolation, "The session role is not valid.");
}
