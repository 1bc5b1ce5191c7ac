using Google.Protobuf;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Testing.Faults;

/// <summary>A link whose frames a test writes and reads itself, to do what no good client does.</summary>
internal sealed class RawLink : IAsyncDisposable
{
    private readonly DialedLink _link;

    private RawLink(DialedLink link) => (_link, Outbox) = (link, new FrameOutbox(link.Transport, CancellationToken.None));

    /// <summary>Frames towards the hub.</summary>
    public FrameOutbox Outbox { get; }

    /// <summary>The bytes below the frames.</summary>
    public ILinkTransport Transport => _link.Transport;

    /// <summary>Opens a stream and says nothing on it.</summary>
    public static async Task<RawLink> DialAsync(HubFixture hub, EnrolledAgent agent, LinkKind kind, CancellationToken cancellationToken)
    {
        var profile = ProfileOf(hub, agent);
        ILinkDialer dialer = kind == LinkKind.Grpc ? new GrpcLinkDialer(profile) : new WebSocketLinkDialer(profile);
        return new RawLink(await dialer.DialAsync(cancellationToken));
    }

    /// <summary>Opens a stream of a relay circuit and says nothing on it.</summary>
    public static async Task<RawLink> DialRelayAsync(HubFixture hub, LinkKind kind, CancellationToken cancellationToken)
    {
        var profile = new HubProfile(new AgentAddress("any", "body"), string.Empty, hub.Hub.Http, hub.Hub.Grpc, null, false, default);
        ILinkDialer dialer = kind == LinkKind.Grpc ? new GrpcLinkDialer(profile, "/parley.v1.Link/Relay") : new WebSocketLinkDialer(profile, "/api/relay");
        return new RawLink(await dialer.DialAsync(cancellationToken));
    }

    /// <summary>Opens a stream and proves the agent's key.</summary>
    /// <param name="hub">Where.</param>
    /// <param name="agent">Who.</param>
    /// <param name="role">As what.</param>
    /// <param name="kind">Over what.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="home">The home bytes of its hello; empty = none.</param>
    /// <param name="capabilities">What it says that it can.</param>
    public static async Task<RawLink> AttachAsync(
        HubFixture hub, EnrolledAgent agent, SessionRole role, LinkKind kind, CancellationToken cancellationToken, string home = "", params string[] capabilities)
    {
        var raw = await DialAsync(hub, agent, kind, cancellationToken);
        var profile = ProfileOf(hub, agent);
        var nonce = new byte[LinkProof.NonceSize];
        raw.Outbox.Send(new Frame { Hello = new Hello { VersionMin = 1, VersionMax = 1, Agent = profile.Agent.ToString(), Role = role, Nonce = ByteString.CopyFrom(nonce), Home = ByteString.CopyFromUtf8(home), Capabilities = { capabilities } } });
        var challenge = (await raw.ReadAsync(cancellationToken))!.Challenge;
        var signed = LinkProof.Build(default, challenge.HubId, challenge.Nonce.Span, nonce, profile.Agent, role, challenge.Version);
        raw.Outbox.Send(new Frame { Proof = new Proof { Signature = ByteString.CopyFrom(agent.Identity.Sign(signed)) } });
        var welcome = await raw.ReadAsync(cancellationToken);
        return welcome?.Welcome is null ? throw new InvalidOperationException($"No welcome: {welcome}") : raw;
    }

    /// <summary>The next frame; null at the end of the stream.</summary>
    /// <exception cref="TimeoutException">Nothing came for <see cref="Deadline.Shared"/>: the hub owes no frame, or has forgotten one.</exception>
    public async Task<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await Transport.Input.ReadAsync(cancellationToken).AsTask().WaitAsync(Deadline.Shared, cancellationToken);
            var buffer = read.Buffer;
            if (FrameCodec.TryRead(ref buffer, out var frame))
            {
                Transport.Input.AdvanceTo(buffer.Start);
                return frame;
            }

            Transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>The next frame of a kind; those before it are dropped.</summary>
    public async Task<Frame> ReadAsync(Frame.BodyOneofCase kind, CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { } frame)
        {
            if (frame.BodyCase == kind)
            {
                return frame;
            }
        }

        throw new InvalidOperationException($"The link ended before a {kind} came.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private static HubProfile ProfileOf(HubFixture hub, EnrolledAgent agent) => agent.Profile with { Http = hub.Hub.Http, Grpc = hub.Hub.Grpc };
}
