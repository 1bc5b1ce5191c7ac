using Parley.Client.Config;
using Parley.Protocol.Errors;

namespace Parley.Client.HubLink;

/// <summary>Opens the link over gRPC, or over WebSocket where that does not pass; remembers what worked last (DECISIONS 16).</summary>
public sealed class AutoLinkDialer : ILinkDialer
{
    private readonly ILinkDialer _usual;
    private readonly ILinkDialer _other;
    private bool _prefersOther;

    /// <summary>A dialer for the hub of a profile.</summary>
    public AutoLinkDialer(HubProfile profile)
        : this(new GrpcLinkDialer(profile), new WebSocketLinkDialer(profile))
    {
    }

    private AutoLinkDialer(ILinkDialer usual, ILinkDialer other) => (_usual, _other) = (usual, other);

    /// <summary>A dialer for relay circuits, which go the same ways; a circuit is one stream of many bytes, which a WebSocket carries with less work than HTTP/2.</summary>
    public static AutoLinkDialer ForRelay(HubProfile profile) =>
        new(new WebSocketLinkDialer(profile, "/api/relay"), new GrpcLinkDialer(profile, "/parley.v1.Link/Relay"));

    /// <inheritdoc/>
    public async Task<DialedLink> DialAsync(CancellationToken cancellationToken)
    {
        var (first, second) = _prefersOther ? (_other, _usual) : (_usual, _other);
        try
        {
            return await first.DialAsync(cancellationToken);
        }
        catch (ParleyException exception) when (exception.Code is not (ErrorCode.PinMismatch or ErrorCode.InvalidArgument))
        {
            try
            {
                var link = await second.DialAsync(cancellationToken);
                _prefersOther = second == _other;
                return link;
            }
            catch (ParleyException)
            {
                // Neither way works: what the first one says is what the user set up.
                throw exception;
            }
        }
    }
}
