using System.Net;
using Parley.Protocol.Errors;

namespace Parley.Hub.Outbound;

/// <summary>Checks each request before it leaves, and bounds its answer in time and size.</summary>
internal sealed class OutboundGuard(OutboundPolicy policy, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        OutboundUrl.Check(request.RequestUri, policy);
        KeepOffHttp3(request);
        using var deadline = new CancellationTokenSource(policy.ResponseTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var response = await base.SendAsync(request, both.Token);
            response.Content = Bound(response);
            return response;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Our own time is over, or that of the connection, which the handler tells as a cancellation, too.
            throw new ParleyException(ErrorCode.DeadlineExceeded, "The address that was called did not answer in time.", exception);
        }
        catch (HttpRequestException exception) when (RefusalIn(exception) is { } refusal)
        {
            throw new ParleyException(refusal.Code, refusal.Message, exception);
        }
    }

    // QUIC would go round the dialer, and an answer's Alt-Svc could name another host for it.
    private static void KeepOffHttp3(HttpRequestMessage request)
    {
        if (request.Version > HttpVersion.Version20)
        {
            request.Version = HttpVersion.Version20;
        }

        if (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher)
        {
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        }
    }

    private static ParleyException? RefusalIn(Exception? exception) => exception switch
    {
        null => null,
        ParleyException refusal => refusal,
        _ => RefusalIn(exception.InnerException),
    };

    private BoundedContent Bound(HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentLength > policy.MaxResponseBytes)
        {
            response.Dispose();
            throw new ParleyException(ErrorCode.MessageTooLarge, BoundedContent.TooLarge);
        }

        return new BoundedContent(response.Content, policy, time);
    }
}
