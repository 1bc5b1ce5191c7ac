using Parley.Client.Config;
using Parley.Protocol.Grpc;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <summary>Opens the link over gRPC, on a connection of its own.</summary>
/// <param name="profile">Which hub.</param>
/// <param name="path">The method, when it is another than the link's.</param>
public sealed class GrpcLinkDialer(HubProfile profile, string path = GrpcLinkDialer.LinkPath) : ILinkDialer
{
    private const string LinkPath = "/parley.v1.Link/Connect";

    /// <inheritdoc/>
    public async Task<DialedLink> DialAsync(CancellationToken cancellationToken)
    {
        var seen = new HubKeySeen();
        var invoker = new HttpMessageInvoker(HubHandler.Make(profile, profile.Grpc, seen), disposeHandler: true);
        GrpcDuplexCall<Frame, Frame>? call = null;
        try
        {
            var channel = new GrpcChannel(
                invoker, profile.Grpc, new GrpcChannelOptions { MaxReceiveBytes = MessagingLimits.MaxFrameBytes, MaxSendBytes = MessagingLimits.MaxFrameBytes });
            call = await channel.DuplexAsync<Frame, Frame>(path, null, CancellationToken.None).WaitAsync(cancellationToken);
            var input = await call.ReadInputAsync(cancellationToken);
            var opened = call;
            var transport = new PipeTransport("grpc", input, call.Output, call.Abort, async () =>
            {
                await opened.DisposeAsync();
                invoker.Dispose();
            });
            return new DialedLink(transport, profile.Pin is null ? default : seen.Hash);
        }
        catch (Exception exception)
        {
            if (call is not null)
            {
                await call.DisposeAsync();
            }

            invoker.Dispose();
            if (Cause<HttpRequestException>(exception) is { } cause)
            {
                throw HubHandler.Explain(cause, profile.Grpc, seen);
            }

            if (exception is GrpcException refused)
            {
                throw GrpcErrorDetails.ToRefusal(refused);
            }

            throw;
        }
    }

    private static T? Cause<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found)
            {
                return found;
            }
        }

        return null;
    }
}
