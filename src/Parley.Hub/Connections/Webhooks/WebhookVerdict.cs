using System.Net;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>What becomes of a delivery after one attempt.</summary>
internal enum WebhookFate
{
    /// <summary>The receiver took it.</summary>
    Taken,

    /// <summary>It is tried again, as long as there are attempts left.</summary>
    Again,

    /// <summary>The receiver will never take this one.</summary>
    Never,

    /// <summary>The receiver wants nothing any more: the connection is disabled.</summary>
    Gone,
}

/// <summary>How a receiver took an attempt, as Standard Webhooks reads its answer. Pure.</summary>
/// <param name="Fate">What becomes of the delivery.</param>
/// <param name="Status">The HTTP status; null when there was no answer.</param>
/// <param name="Error">What went wrong, in a sentence; empty when nothing did.</param>
/// <param name="RetryAfter">When to try again, as the receiver wishes.</param>
internal sealed record WebhookVerdict(WebhookFate Fate, int? Status, string Error, TimeSpan? RetryAfter = null)
{
    private const string DeliveryHeader = "webhook-delivery";

    /// <summary>The receiver, or something in front of it, has too much to do, or did not answer in time.</summary>
    public bool IsThrottled { get; init; }

    /// <summary>There was no answer.</summary>
    public static WebhookVerdict Failed(string error, bool isThrottled = false) => new(WebhookFate.Again, null, error) { IsThrottled = isThrottled };

    /// <summary>Reads an answer: 2xx is success and nothing else is; a redirect is not followed; 410 and <c>webhook-delivery: disable</c> end the connection, <c>abort-message</c> this delivery.</summary>
    public static WebhookVerdict Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var wish = response.Headers.TryGetValues(DeliveryHeader, out var words) ? string.Join(',', words).Trim().ToLowerInvariant() : string.Empty;
        if (response.StatusCode == HttpStatusCode.Gone || wish == "disable")
        {
            return new WebhookVerdict(WebhookFate.Gone, status, "The receiver wants no more deliveries.");
        }

        if (response.IsSuccessStatusCode)
        {
            return new WebhookVerdict(WebhookFate.Taken, status, string.Empty);
        }

        var asked = response.Headers.RetryAfter;
        return new WebhookVerdict(
            wish == "abort-message" ? WebhookFate.Never : WebhookFate.Again,
            status,
            status is >= 300 and < 400 ? $"The receiver answered {status}; redirects are not followed." : $"The receiver answered {status}.",
            asked?.Delta ?? (asked?.Date - now))
        {
            IsThrottled = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout,
        };
    }
}
