using Parley.Hub.Identity.Visitors;
using Parley.Hub.Identity.Keys;
using Google.Protobuf;
using Parley.Crypto;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Transports.Link;

/// <summary>The first frames of a link: hello, challenge, proof. An unknown agent and a bad proof look alike to the client.</summary>
internal sealed class LinkHandshake
{
    private readonly Func<AgentAddress, LinkKey?> _keyOf;
    private readonly HubKey _key;
    private readonly FillRandom _random;
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;

    /// <summary>Handshakes of one hub.</summary>
    /// <param name="keyOf">The key of an agent that may attach.</param>
    /// <param name="key">The hub's id and key.</param>
    /// <param name="random">Source of nonces.</param>
    /// <param name="time">Clock.</param>
    /// <param name="limit">Time for the whole handshake: a foreign protocol or a silent client costs no more than this.</param>
    public LinkHandshake(Func<AgentAddress, LinkKey?> keyOf, HubKey key, FillRandom random, TimeProvider time, TimeSpan limit)
    {
        _limit = limit;
        _keyOf = keyOf;
        _key = key;
        _random = random;
        _time = time;
    }

    /// <summary>Lets the client prove its key.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>, <see cref="ErrorCode.ProtocolVersion"/>, <see cref="ErrorCode.LinkProof"/>, <see cref="ErrorCode.LinkTimeout"/>.</exception>
    public async Task<SessionClaim> RunAsync(ILinkTransport transport, FrameOutbox outbox, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = _time.CreateTimer(_ => deadline.Cancel(), null, _limit, Timeout.InfiniteTimeSpan);
        try
        {
            return await ShakeAsync(transport, outbox, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.LinkTimeout, "The handshake took too long.");
        }
    }

    private async Task<SessionClaim> ShakeAsync(ILinkTransport transport, FrameOutbox outbox, CancellationToken cancellationToken)
    {
        var hello = (await ReadOneAsync(transport, cancellationToken)).Hello
            ?? throw new ParleyException(ErrorCode.ProtocolViolation, "A link begins with a hello.");
        var version = LinkVersions.Choose(hello.VersionMin, hello.VersionMax);
        if (hello.Nonce.Length != LinkProof.NonceSize || hello.Role == SessionRole.Unspecified || hello.Home.Length > 64 || hello.Software.Length > 64 ||
            hello.Capabilities.Count > ListenerCapabilities.MaxCount || !hello.Capabilities.All(ListenerCapabilities.IsValid))
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The hello is not complete.");
        }

        var nonce = new byte[LinkProof.NonceSize];
        _random(nonce);
        outbox.Send(new Frame
        {
            Challenge = new Challenge { Nonce = ByteString.CopyFrom(nonce), HubId = _key.Id, Version = version },
        });

        var proof = (await ReadOneAsync(transport, cancellationToken)).Proof
            ?? throw new ParleyException(ErrorCode.ProtocolViolation, "A hello is followed by its proof.");
        if (!AgentAddress.TryParse(hello.Agent, out var address) || _keyOf(address) is not { } known ||
            !Verifies(transport, hello, address, nonce, version, proof, known) || (!known.IsVisitor && transport is IPageTransport { IsFromPage: true }))
        {
            throw new ParleyException(ErrorCode.LinkProof, "This hub does not know the agent by this key.");
        }

        if (known.IsVisitor)
        {
            VisitorRules.CheckRole(hello.Role);
        }

        return new SessionClaim(known.Current, hello.Role, hello.Share, hello.Home.ToByteArray(), hello.Software)
        {
            Capabilities = [.. hello.Capabilities],
            IsVisitor = known.IsVisitor,
            FindRefusal = () => FindRefusal(known),
        };
    }

    /// <summary>Why a key that was proved opens nothing any more; null while it does.</summary>
    private ParleyException? FindRefusal(LinkKey proved) => _keyOf(proved.Current) switch
    {
        { } now when now.Id != proved.Id || !now.Key.Span.SequenceEqual(proved.Key.Span) => Goodbyes.RevokedRefusal(),
        { } now => now.Current == proved.Current ? null : Goodbyes.RenamedRefusal(),
        null => Goodbyes.RevokedRefusal(),
    };

    /// <summary>The client signs the hub's key as it saw it: on an encrypted link that must be ours, so that nobody can stand in between.</summary>
    private bool Verifies(
        ILinkTransport transport, Hello hello, AgentAddress agent, byte[] nonce, uint version, Proof proof, LinkKey known)
    {
        var keyHash = transport is IEncryptedTransport { KeyHash: { } hash } ? hash : [];
        if (Ed25519.Verify(known.Key.Span, Signed(keyHash), proof.Signature.Span))
        {
            return true;
        }

        // Without a pin of our own the client relies on a public certificate, which a proxy in front of us may have shown it. A page cannot see any.
        return (_key.Pin is null || known.IsVisitor) && keyHash.Length > 0 && Ed25519.Verify(known.Key.Span, Signed([]), proof.Signature.Span);

        byte[] Signed(ReadOnlySpan<byte> seen) => LinkProof.Build(seen, _key.Id, nonce, hello.Nonce.Span, agent, hello.Role, version);
    }

    /// <summary>Reads exactly one frame; the client sends the next only after an answer.</summary>
    private static async Task<Frame> ReadOneAsync(ILinkTransport transport, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await transport.Input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (FrameCodec.TryRead(ref buffer, out var frame))
            {
                transport.Input.AdvanceTo(buffer.Start);
                return frame;
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                throw new IOException("The link ended during the handshake.");
            }
        }
    }
}
