using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Identity;

/// <summary>What two agents sign to meet each other: all that either said, as this end saw it. A word that was changed on the way gives other bytes, and the signature does not fit.</summary>
/// <remarks>
/// Layout: <c>parley-session-v1</c> | NUL | fields, each with its length before it (u16, big endian):
/// role (1 byte: 1 opener, 2 acceptor; 0 in the transcript that keys are derived from, which nobody signs) | hub id | purpose (1 byte) | session (16)
/// | lowest and highest version that the opener speaks (u32 each) | version chosen (u32) | opener's address | acceptor's address
/// | opener's identity key (32) | acceptor's (32) | opener's fresh X25519 key (32) | acceptor's (32)
/// | SHA-256 of the opener's TLS certificate (32 or 0) | of the acceptor's (32 or 0) | of the opener's DTLS certificate (32 or 0) | of the acceptor's (32 or 0).
/// </remarks>
public sealed record SessionProof
{
    /// <summary>First bytes of what is signed.</summary>
    public const string Purpose = "parley-session-v1";

    /// <summary>First bytes of what the confirmation's HMAC covers.</summary>
    public const string ConfirmPurpose = "parley-session-mac-v1";

    /// <summary>Length of a session's id in bytes.</summary>
    public const int SessionSize = 16;

    /// <summary>Length of keys and fingerprints in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>The id of the hub that carries the signals.</summary>
    public required string HubId { get; init; }

    /// <summary>What the session is for.</summary>
    public required SignalPurpose For { get; init; }

    /// <summary>The session's id.</summary>
    public required ReadOnlyMemory<byte> Session { get; init; }

    /// <summary>Lowest version that the opener speaks.</summary>
    public required uint VersionMin { get; init; }

    /// <summary>Highest version that the opener speaks.</summary>
    public required uint VersionMax { get; init; }

    /// <summary>The version that the acceptor chose.</summary>
    public required uint Version { get; init; }

    /// <summary>Who opens.</summary>
    public required SessionParty Opener { get; init; }

    /// <summary>Who accepts.</summary>
    public required SessionParty Acceptor { get; init; }

    /// <summary>The bytes that keys are derived from.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: a key or fingerprint of a wrong length.</exception>
    public byte[] Transcript() => Build(0);

    /// <summary>The bytes that one end signs.</summary>
    /// <param name="isOpener">Which.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: a key or fingerprint of a wrong length.</exception>
    public byte[] SignedBy(bool isOpener) => Build(isOpener ? (byte)1 : (byte)2);

    /// <summary>The bytes that one end's HMAC covers: its identity, under a key that only the two of this exchange have.</summary>
    /// <param name="isOpener">Which.</param>
    public byte[] ConfirmedBy(bool isOpener)
    {
        var party = isOpener ? Opener : Acceptor;
        return new SignedFields(ConfirmPurpose).Add(isOpener ? (byte)1 : (byte)2).Add(party.Address.ToString()).AddExactly(KeySize, party.Identity.Span, "identity key").ToArray();
    }

    private byte[] Build(byte role) => new SignedFields(Purpose)
        .Add(role)
        .Add(HubId)
        .Add((byte)For)
        .AddExactly(SessionSize, Session.Span, "session's id")
        .Add(VersionMin)
        .Add(VersionMax)
        .Add(Version)
        .Add(Opener.Address.ToString())
        .Add(Acceptor.Address.ToString())
        .AddExactly(KeySize, Opener.Identity.Span, "opener's identity key")
        .AddExactly(KeySize, Acceptor.Identity.Span, "acceptor's identity key")
        .AddExactly(KeySize, Opener.Key.Span, "opener's fresh key")
        .AddExactly(KeySize, Acceptor.Key.Span, "acceptor's fresh key")
        .AddHashOrNothing(Opener.TlsFingerprint.Span, "opener's TLS fingerprint")
        .AddHashOrNothing(Acceptor.TlsFingerprint.Span, "acceptor's TLS fingerprint")
        .AddHashOrNothing(Opener.DtlsFingerprint.Span, "opener's DTLS fingerprint")
        .AddHashOrNothing(Acceptor.DtlsFingerprint.Span, "acceptor's DTLS fingerprint")
        .ToArray();
}
