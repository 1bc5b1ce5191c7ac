using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering.Handshakes;

/// <summary>Two agents prove their identity keys to each other over a hub that neither trusts: a signed Diffie-Hellman exchange (SIGMA) of three messages. Pure: no I/O, no clock.</summary>
/// <remarks>
/// <code>
///   opener                                   acceptor
///   Offered   -- offer: key, fingerprints ->
///             &lt;- answer: key, signature, mac -- Answered
///   Proved    -- confirm: signature, mac -->  Proved
/// </code>
/// What does not fit: Failed, for good. Each end signs all that both said as it heard it (<see cref="SessionProof"/>), and shows by an HMAC over its identity that it has the derived key:
/// so neither a changed word, nor another's signature, nor a message of another session, role or purpose passes. The keys are fresh at both ends: what was sealed stays sealed when an identity key is lost.
/// </remarks>
internal sealed class Handshake : IDisposable
{
    /// <summary>Lowest version that is spoken.</summary>
    public const uint VersionMin = 1;

    /// <summary>Highest version that is spoken.</summary>
    public const uint VersionMax = 1;

    private readonly HandshakeSelf _self;
    private readonly SignalPurpose _purpose;
    private readonly byte[] _session;
    private SessionSecrets? _secrets;
    private SessionProof? _proof;

    private Handshake(HandshakeSelf self, SignalPurpose purpose, byte[] session, bool isOpener)
    {
        (_self, _purpose, _session, IsOpener) = (self, purpose, session, isOpener);
        State = isOpener ? HandshakeState.Offered : HandshakeState.Answered;
    }

    /// <summary>Where it stands.</summary>
    public HandshakeState State { get; private set; }

    /// <summary>Which end this is.</summary>
    public bool IsOpener { get; }

    /// <summary>The opener's first message.</summary>
    public PeerOffer? Offer { get; private init; }

    /// <summary>The acceptor's message.</summary>
    public PeerAnswer? Answer { get; private set; }

    /// <summary>The opener's second message, once the acceptor is proved.</summary>
    public PeerConfirm? Confirmation { get; private set; }

    /// <summary>The other end: as it claims until <see cref="State"/> is Proved, and proved from then on.</summary>
    public SessionParty Remote => IsOpener ? Said.Acceptor : Said.Opener;

    /// <summary>The session's keys; only once it is proved.</summary>
    public SessionSecrets Secrets => State == HandshakeState.Proved ? _secrets! : throw new InvalidOperationException("The other end is not proved.");

    private SessionProof Said => _proof ?? throw new InvalidOperationException("The other end has said nothing yet.");

    /// <summary>The opener's end.</summary>
    public static Handshake Open(HandshakeSelf self, SignalPurpose purpose, byte[] session) => new(self, purpose, session, isOpener: true)
    {
        Offer = new PeerOffer
        {
            VersionMin = VersionMin,
            VersionMax = VersionMax,
            From = self.Address.ToString(),
            Identity = Copy(self.Identity),
            Key = Copy(self.Party.Key),
            TlsFingerprint = Copy(self.TlsFingerprint),
            DtlsFingerprint = Copy(self.DtlsFingerprint),
        },
    };

    /// <summary>The acceptor's end, with its answer.</summary>
    /// <param name="self">This end.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="session">The session's id.</param>
    /// <param name="offer">What the opener said.</param>
    /// <param name="from">Who the hub says that the opener is.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>, <see cref="ErrorCode.ProtocolVersion"/>, <see cref="ErrorCode.ProtocolViolation"/>.</exception>
    public static Handshake Accept(HandshakeSelf self, SignalPurpose purpose, byte[] session, PeerOffer offer, AgentAddress from)
    {
        var handshake = new Handshake(self, purpose, session, isOpener: false);
        try
        {
            handshake.TakeOffer(offer, from);
            return handshake;
        }
        catch
        {
            handshake.Dispose();
            throw;
        }
    }

    /// <summary>The opener hears the acceptor.</summary>
    /// <param name="answer">What it said.</param>
    /// <param name="from">Who the hub says that it is.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>, <see cref="ErrorCode.ProtocolVersion"/>, <see cref="ErrorCode.ProtocolViolation"/>: it has failed for good.</exception>
    public void TakeAnswer(PeerAnswer answer, AgentAddress from) => Step(HandshakeState.Offered, () =>
    {
        if (answer.Version is < VersionMin or > VersionMax)
        {
            throw new ParleyException(ErrorCode.ProtocolVersion, "The other agent answered in a version of sessions that this program does not speak.");
        }

        var remote = PartyOf(answer.From, from, answer.Identity, answer.Key, answer.TlsFingerprint, answer.DtlsFingerprint);
        _proof = ProofOf(_self.Party, remote, VersionMin, VersionMax, answer.Version);
        Agree();
        Verify(answer.Signature, answer.Mac);
        Confirmation = new PeerConfirm { Signature = OwnSignature(), Mac = OwnMac() };
    });

    /// <summary>The acceptor hears the opener's proof.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>: it has failed for good.</exception>
    public void TakeConfirm(PeerConfirm confirm) => Step(HandshakeState.Answered, () => Verify(confirm.Signature, confirm.Mac));

    /// <inheritdoc/>
    public void Dispose()
    {
        _self.Fresh.Dispose();
        _secrets?.Dispose();
    }

    private static ParleyException Unproved(string what) => new(ErrorCode.PeerProof, $"The other agent is not proved: {what}.");

    private static ByteString Copy(ReadOnlyMemory<byte> bytes) => ByteString.CopyFrom(bytes.Span);

    private void TakeOffer(PeerOffer offer, AgentAddress from)
    {
        var version = Math.Min(VersionMax, offer.VersionMax);
        if (version < VersionMin || version < offer.VersionMin)
        {
            throw new ParleyException(ErrorCode.ProtocolVersion, "No version of sessions is spoken by both agents.");
        }

        var remote = PartyOf(offer.From, from, offer.Identity, offer.Key, offer.TlsFingerprint, offer.DtlsFingerprint);
        _proof = ProofOf(remote, _self.Party, offer.VersionMin, offer.VersionMax, version);
        Agree();
        Answer = new PeerAnswer
        {
            Version = version,
            From = _self.Address.ToString(),
            Identity = Copy(_self.Identity),
            Key = Copy(_self.Party.Key),
            TlsFingerprint = Copy(_self.TlsFingerprint),
            DtlsFingerprint = Copy(_self.DtlsFingerprint),
            Signature = OwnSignature(),
            Mac = OwnMac(),
        };
    }

    private SessionProof ProofOf(SessionParty opener, SessionParty acceptor, uint min, uint max, uint version) => new()
    {
        HubId = _self.HubId, For = _purpose, Session = _session, VersionMin = min, VersionMax = max, Version = version, Opener = opener, Acceptor = acceptor,
    };

    private SessionParty PartyOf(string said, AgentAddress from, ByteString identity, ByteString key, ByteString tls, ByteString dtls)
    {
        if (said != from.ToString())
        {
            throw Unproved("it calls itself other than the hub does");
        }

        if (from == _self.Address || identity.Span.SequenceEqual(_self.Identity.Span) || key.Span.SequenceEqual(_self.Party.Key.Span))
        {
            throw Unproved("what it showed is our own");
        }

        return new SessionParty(from, identity.ToByteArray(), key.ToByteArray(), tls.ToByteArray(), dtls.ToByteArray());
    }

    /// <summary>Derives the keys. A key of a small order, which would give a secret that anybody knows, is refused.</summary>
    private void Agree()
    {
        // Lengths first: keys are derived from what is well formed.
        Said.Transcript();
        try
        {
            _secrets = SessionSecrets.From(_self.Fresh.Derive(Remote.Key.Span), Said);
        }
        catch (CryptographicException)
        {
            throw Unproved("its fresh key is not one");
        }
    }

    private ByteString OwnSignature() => ByteString.CopyFrom(_self.Sign(Said.SignedBy(IsOpener)));

    private ByteString OwnMac() => ByteString.CopyFrom(_secrets!.Confirm(Said, IsOpener));

    private void Verify(ByteString signature, ByteString mac)
    {
        var isSigned = Ed25519.Verify(Remote.Identity.Span, Said.SignedBy(!IsOpener), signature.Span);
        if (!isSigned | !CryptographicOperations.FixedTimeEquals(_secrets!.Confirm(Said, !IsOpener), mac.Span))
        {
            throw Unproved("its signature does not fit what was said. Somebody changed it on the way, or pretends to be it");
        }

        State = HandshakeState.Proved;
    }

    private void Step(HandshakeState expected, Action step)
    {
        if (State != expected)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "A message of the handshake came out of turn.");
        }

        try
        {
            step();
        }
        catch
        {
            State = HandshakeState.Failed;
            throw;
        }
    }
}
