using System.Buffers;
using Parley.Crypto;
using Parley.Hub.Identity;
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
    /// <summary>Time for the whole handshake: a foreign protocol or a silent client costs no more than this.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly AgentRegistry _agents;
    private readonly HubKey _key;
    private readonly FillRandom _random;
    private readonly TimeProvider _time;

    /// <summary>Handshakes of one hub.</summary>
    public LinkHandshake(AgentRegistry agents, HubKey key, FillRandom random, TimeProvider time)
    {
        _agents = agents;
        _key = key;
        _random = random;
        _time = time;
    }

    /// <summary>Lets the client prove its key.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>, <see cref="ErrorCode.ProtocolVersion"/>, <see cref="ErrorCode.LinkProof"/>, <see cref="ErrorCode.LinkTimeout"/>.</exception>
    public async Task<SessionClaim> RunAsync(ILinkTransport transport, FrameOutbox outbox, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = _time.CreateTimer(_ => deadline.Cancel(), null, Timeout, System.Threading.Timeout.InfiniteTimeSpan);
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
        if (hello.Nonce.Length != LinkProof.NonceBytes || hello.Role == SessionRole.Unspecified || hello.Home.Length > 64 || hello.Software.Length > 64)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The hello is not complete.");
        }

        var nonce = new byte[LinkProof.NonceBytes];
        _random(nonce);
        outbox.Send(new Frame
        {
            Challenge = new Challenge { Nonce = Google.Protobuf.ByteString.CopyFrom(nonce), HubId = _key.HubId, Version = version },
        });

        var proof = (await ReadOneAsync(transport, cancellationToken)).Proof
            ?? throw new ParleyException(ErrorCode.ProtocolViolation, "A hello is followed by its proof.");
        if (!AgentAddress.TryParse(hello.Agent, out var address) || _agents.Find(address) is not { } agent || !Verifies(transport, hello, nonce, version, proof, agent))
        {
            throw new ParleyException(ErrorCode.LinkProof, "This hub does not know the agent by this key.");
        }

        return new SessionClaim(address, hello.Role, hello.Share, hello.Home.ToByteArray(), hello.Software);
    }

    private bool Verifies(ILinkTransport transport, Hello hello, byte[] nonce, uint version, Proof proof, Agent agent)
    {
        // The client signs the key that it saw: on an encrypted link that must be ours, so that nobody can stand in between.
        var signed = LinkProof.Build(SeenKey(transport), _key.HubId, nonce, hello.Nonce.Span, hello.Agent, hello.Role, version);
        return Ed25519.Verify(agent.PublicKey, signed, proof.Signature.Span);
    }

    private ReadOnlySpan<byte> SeenKey(ILinkTransport transport) => transport is IEncryptedTransport { KeyHash: { } hash } ? hash : [];

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
