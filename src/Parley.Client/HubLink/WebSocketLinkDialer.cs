using System.Net.WebSockets;
using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;

namespace Parley.Client.HubLink;

/// <summary>Opens the link over a WebSocket on the hub's HTTP address: through proxies and middle boxes that break HTTP/2.</summary>
/// <param name="profile">Which hub.</param>
/// <param name="path">The route, when it is another than the link's.</param>
public sealed class WebSocketLinkDialer(HubProfile profile, string path = WebSocketLinkDialer.LinkPath) : ILinkDialer
{
    private const string LinkPath = "/api/link";

    /// <inheritdoc/>
    public async Task<DialedLink> DialAsync(CancellationToken cancellationToken)
    {
        var seen = new HubKeySeen();
        var invoker = new HttpMessageInvoker(HubHandler.Make(profile, profile.Http, seen), disposeHandler: true);
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        var address = new UriBuilder(profile.Http) { Scheme = profile.Http.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = path }.Uri;
        try
        {
            await socket.ConnectAsync(address, invoker, cancellationToken);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            invoker.Dispose();
            if (exception is not WebSocketException)
            {
                throw;
            }

            throw exception.InnerException is HttpRequestException cause
                ? HubHandler.Explain(cause, profile.Http, seen)
                : new ParleyException(ErrorCode.HubUnreachable, $"The hub at {profile.Http.Authority} opens no WebSocket.", exception);
        }

        var transport = new SocketTransport(socket, invoker);
        return new DialedLink(transport, profile.Pin is null ? default : seen.Hash);
    }

    private sealed class SocketTransport(ClientWebSocket socket, HttpMessageInvoker invoker) : ILinkTransport, IAsyncDisposable
    {
        private readonly WebSocketPipe _pipe = new(socket);

        public string Name => "websocket";

        public System.IO.Pipelines.PipeReader Input => _pipe.Input;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) => _pipe.WriteAsync(frames, cancellationToken);

        public void Abort() => socket.Abort();

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            invoker.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
