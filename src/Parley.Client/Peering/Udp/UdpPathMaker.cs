using Parley.Client.Peering.Paths;
using Parley.Crypto.Dtls;
using Parley.Protocol.Messaging;

namespace Parley.Client.Peering.Udp;

/// <summary>A WebRTC data channel between the two machines.</summary>
/// <param name="options">What it may use.</param>
/// <param name="hub">The hub's STUN server, once its welcome came.</param>
/// <param name="time">Clock.</param>
/// <param name="random">Credentials, tags and ids.</param>
internal sealed class UdpPathMaker(UdpPathOptions options, Func<IceServer?> hub, TimeProvider time, FillRandom random) : IPathMaker
{
    private readonly IceServers _servers = new(options, hub, time);

    /// <inheritdoc/>
    public PathKind Kind => PathKind.DirectUdp;

    /// <inheritdoc/>
    public ISessionCertificate MakeCertificate() => new UdpCertificate(DtlsCertificate.Make(time));

    /// <inheritdoc/>
    public IPathOpener Make(PathContext context) => new UdpPathOpener(context, options, _servers, time, random);
}
