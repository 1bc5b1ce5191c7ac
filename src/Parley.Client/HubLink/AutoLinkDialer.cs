using Parley.Client.Config;
using Parley.Protocol.Errors;

namespace Parley.Client.HubLink;

/// <summary>Opens the link over gRPC, or over WebSocket where that does not pass; remembers what worked last (DECISIONS 16).</summary>
public sealed class AutoLinkDialer : ILinkDialer
{
    private readonly GrpcLinkDialer _grpc;
    private readonly WebSocketLinkDialer _webSocket;
    private bool _prefersWebSocket;

    /// <summary>A dialer for the hub of a profile.</summary>
    public AutoLinkDialer(HubProfile profile)
    {
        _grpc = new GrpcLinkDialer(profile);
        _webSocket = new WebSocketLinkDialer(profile);
    }

    private AutoLinkDialer(GrpcLinkDialer grpc, WebSocketLinkDialer webSocket) => (_grpc, _webSocket) = (grpc, webSocket);

    /// <summary>A dialer for relay circuits, which go the same ways.</summary>
    public static AutoLinkDialer ForRelay(HubProfile profile) =>
        new(new GrpcLinkDialer(profile, "/parley.v1.Link/Relay"), new WebSocketLinkDialer(profile, "/api/relay"));

    /// <inheritdoc/>
    public async Task<DialedLink> DialAsync(CancellationToken cancellationToken)
    {
        ILinkDialer first = _prefersWebSocket ? _webSocket : _grpc;
        ILinkDialer second = _prefersWebSocket ? _grpc : _webSocket;
        try
        {
            return await first.DialAsync(cancellationToken);
        }
        catch (ParleyException exception) when (exception.Code is not (ErrorCode.PinMismatch or ErrorCode.InvalidArgument))
        {
            try
            {
                var link = await second.DialAsync(cancellationToken);
                _prefersWebSocket = second == _webSocket;
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
