using System.Buffers.Binary;
using System.Security.Cryptography;
using Parley.Crypto.Dtls;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sdp;

namespace Parley.WebRtc.Connections;

/// <summary>Offer and answer, the part of JSEP (RFC 8829) that one line of data channels needs; and restarts.</summary>
public sealed partial class PeerConnection
{
    private const int LeastDatagramBytes = 1200;

    /// <summary>What a relay's header adds at most: an indication to an IPv6 address, padded.</summary>
    private const int RelayOverhead = 51;

    /// <summary>
    /// Bytes of payload in a datagram to a peer that does not say what it takes: Ethernet's. Chromium reads a record into 2,048 bytes and ends DTLS when one is larger,
    /// so not even a probe may be.
    /// </summary>
    private const int StrangersDatagramBytes = 1472;

    /// <summary>
    /// Bytes of SCTP's largest packet while a relay is in between: a probe that must not be cut proves the way to the relay only, or none at all where that is spoken to
    /// over TCP, and what goes beyond Ethernet would be sent on in fragments.
    /// </summary>
    private const int RelayedPacketBytes = (StrangersDatagramBytes - DtlsConnection.MaxOverhead - RelayOverhead) & ~3;

    private readonly ulong _sessionId;

    /// <summary>Gives way when both ends offer at once.</summary>
    private readonly bool _isPolite;

    private bool _isOfferPending;
    private bool _isClient;
    private SessionDescription? _remote;
    private string _mid = "0";

    /// <summary>Our offer: the first one, or one after <see cref="Restart"/>. Candidates that are known already stand in it; each is told as an event too.</summary>
    /// <exception cref="ParleyException">It is over (<c>conflict</c>).</exception>
    public SessionDescription CreateOffer()
    {
        ThrowIfOver();
        _isOfferPending = true;
        return Describe(new SessionDescription
        {
            Credentials = _ice.LocalCredentials,
            Fingerprints = [SdpFingerprint.Of(_certificate.Der.Span)],
            Setup = SdpSetup.ActPass,
            Mid = _mid,
        });
    }

    /// <summary>Takes the peer's offer, the first one or a later one; other credentials in it are its restart.</summary>
    /// <returns>The answer, to be signalled.</returns>
    /// <exception cref="ParleyException">
    /// Its fingerprint is not the expected one (<c>peer.proof</c>); it breaks the protocol (<c>protocol.violation</c>); it crosses an offer of ours that has precedence,
    /// or it is over (<c>conflict</c>).
    /// </exception>
    public SessionDescription AcceptOffer(SessionDescription offer, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ThrowIfOver();
        if (_isOfferPending && !_isPolite)
        {
            throw new ParleyException(ErrorCode.Conflict, "Both ends have made an offer, and ours has precedence: its answer is waited for.");
        }

        var isClient = _remote is null ? offer.Setup != SdpSetup.Active : _isClient;
        if (offer.Setup == (isClient ? SdpSetup.Active : SdpSetup.Passive))
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The offer changes who began DTLS.");
        }

        var fingerprints = Expect(offer);
        _isOfferPending = false;
        _mid = offer.Mid;
        _ice.SetRemote(offer.Credentials, now);

        // A restart of the peer's is ours too: the answer has to know what is left of our candidates.
        Follow(now);
        var answer = Describe(offer.Answer(_ice.LocalCredentials, [SdpFingerprint.Of(_certificate.Der.Span)], 0) with { Setup = isClient ? SdpSetup.Active : SdpSetup.Passive });
        Agree(offer, isClient, fingerprints, now);
        return answer;
    }

    /// <summary>Takes the peer's answer to our offer.</summary>
    /// <exception cref="ParleyException">As <see cref="AcceptOffer"/>; <c>conflict</c> also when there is no offer that it could answer.</exception>
    public void AcceptAnswer(SessionDescription answer, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ThrowIfOver();
        if (!_isOfferPending)
        {
            throw new ParleyException(ErrorCode.Conflict, "There is no offer that this would answer.");
        }

        var isClient = answer.Setup == SdpSetup.Passive;
        if (answer.Setup == SdpSetup.ActPass || (_remote is not null && isClient != _isClient))
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The answer does not say who begins DTLS, or changes who did.");
        }

        var fingerprints = Expect(answer);
        _isOfferPending = false;
        _ice.SetRemote(answer.Credentials, now);
        Agree(answer, isClient, fingerprints, now);
    }

    /// <summary>Looks for paths anew: after a failure for want of one, or when addresses changed. Data keeps its path until there is a better one.</summary>
    /// <remarks>Nothing happens before the peer has taken the offer that <see cref="CreateOffer"/> makes after it, and answered.</remarks>
    public void Restart(TimeSpan now)
    {
        if (_endingStep == EndingStep.None && _remote is not null)
        {
            _ice.Restart(now);
            Follow(now);
        }
    }

    private static ulong MakeSessionId(FillRandom random)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        random(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 2;
    }

    private SessionDescription Describe(SessionDescription description) => description with
    {
        SessionId = _sessionId,
        MaxMessageSize = _options.Sctp.MaxMessageBytes,
        MaxDatagramSize = PeerConnectionOptions.MostDatagramBytes,
        Candidates = _ice.Report().Local,
        IsEndOfCandidates = _isGathered,
    };

    /// <summary>The hashes of certificates that the peer may show, if the description says nothing else than what is known.</summary>
    private List<ReadOnlyMemory<byte>> Expect(SessionDescription description)
    {
        var hashes = description.Fingerprints.Select(one => new ReadOnlyMemory<byte>(one.ToBytes())).ToList();
        if (_options.PeerFingerprint is { IsEmpty: false } known)
        {
            hashes.RemoveAll(hash => !CryptographicOperations.FixedTimeEquals(hash.Span, known.Span));
        }

        if (hashes.Count == 0 || hashes.Exists(hash => hash.Span.SequenceEqual(_certificate.Fingerprint.Span)))
        {
            throw new ParleyException(ErrorCode.PeerProof, "The peer's description names another certificate than the one that it has proved, or ours.");
        }

        if (_remote is not null && !_remote.Fingerprints.SequenceEqual(description.Fingerprints))
        {
            throw new ParleyException(ErrorCode.PeerProof, "The peer's certificate changed within a connection: a new one has to be made.");
        }

        return hashes;
    }

    private void Agree(SessionDescription remote, bool isClient, List<ReadOnlyMemory<byte>> fingerprints, TimeSpan now)
    {
        if (_remote is null)
        {
            Make(remote, isClient, fingerprints);
        }

        (_remote, _isClient) = (remote, isClient);
        foreach (var candidate in remote.Candidates)
        {
            _ice.AddRemoteCandidate(candidate, now);
        }

        if (remote.IsEndOfCandidates)
        {
            _ice.EndOfRemoteCandidates(now);
        }

        while (_held.TryTake(out var datagram))
        {
            OnDtls(datagram, now);
        }

        Follow(now);
    }

    private void Make(SessionDescription remote, bool isClient, List<ReadOnlyMemory<byte>> fingerprints)
    {
        var relay = _options.Ice.TurnServers.Count > 0 ? RelayOverhead : 0;
        PeerMaxMessageBytes = remote.MaxMessageSize;
        var datagram = Math.Min(_options.MaxDatagramBytes, Math.Max(LeastDatagramBytes, remote.MaxDatagramSize ?? StrangersDatagramBytes));
        _dtls = new DtlsConnection(new DtlsOptions
        {
            Role = isClient ? DtlsRole.Client : DtlsRole.Server,
            Certificate = _certificate,
            PeerFingerprints = fingerprints,
            FirstTimeout = _options.HandshakeTimeout,
        });
        _sctp = new SctpAssociation(
            _options.Sctp with
            {
                LocalPort = SessionDescription.DefaultSctpPort,
                RemotePort = (ushort)remote.SctpPort,
                MaxPacketBytes = Math.Max(_options.Sctp.StartPacketBytes, (datagram - DtlsConnection.MaxOverhead - relay) & ~3),
            },
            _random);
        _channels = new DataChannels(_sctp, isClient, new DataChannelLimits { MaxChannels = _options.MaxChannels, PeerMaxMessageBytes = remote.MaxMessageSize });
    }

    private void ThrowIfOver()
    {
        if (_endingStep != EndingStep.None)
        {
            throw new ParleyException(ErrorCode.Conflict, "The connection is over.");
        }
    }
}
