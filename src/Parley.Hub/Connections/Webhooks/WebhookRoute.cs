using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>Deliveries over HTTP to addresses that an owner named, through the guard of every such call.</summary>
internal sealed class WebhookRoute : IDeliveryRoute, IDisposable
{
    private readonly OutboundHttp _http;
    private readonly OutboundPolicy _policy;
    private readonly SecretStore _secrets;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places;

    /// <summary>The way over HTTP.</summary>
    public WebhookRoute(OutboundHttp http, OutboundPolicy policy, SecretStore secrets, ConnectionOptions options, TimeProvider time)
    {
        (_http, _secrets, _time) = (http, secrets, time);

        // Of an answer only its head counts: how long its body says to be, or is, does not matter, since nobody reads it.
        _policy = policy with { ResponseTimeout = options.Timeout, ConnectTimeout = options.Timeout, MaxResponseBytes = long.MaxValue };
        _places = new SemaphoreSlim(options.Concurrency);
    }

    /// <inheritdoc/>
    public bool Serves(Connection connection) => connection.IsToAddress;

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(Connection connection, Delivery delivery, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            var now = _time.GetUtcNow();
            using var request = WebhookRequest.Of(connection, delivery, now, name => _secrets.Find(connection.Owner, name));
            using var response = await _http.For(_policy).SendAsync(request, cancellationToken);
            return new DeliveryResult(WebhookVerdict.Of(response, _time.GetUtcNow()));
        }
        catch (ParleyException exception)
        {
            return new DeliveryResult(WebhookVerdict.Failed(exception.Message, exception.Code == ErrorCode.DeadlineExceeded));
        }
        catch (HttpRequestException)
        {
            return new DeliveryResult(WebhookVerdict.Failed("The receiver cannot be reached, or broke off."));
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
