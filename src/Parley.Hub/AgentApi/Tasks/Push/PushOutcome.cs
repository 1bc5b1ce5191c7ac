using System.Net;

namespace Parley.Hub.AgentApi.Tasks.Push;

/// <summary>How an address took a notification.</summary>
/// <param name="IsTaken">It said so.</param>
/// <param name="IsFinal">It will never take it.</param>
/// <param name="RetryAfter">When to try again, as it wishes.</param>
internal readonly record struct PushOutcome(bool IsTaken, bool IsFinal, TimeSpan? RetryAfter)
{
    /// <summary>Reads an answer. A redirect is a refusal: whoever asked for notifications named the address.</summary>
    public static PushOutcome Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var wish = response.Headers.RetryAfter;
        return new PushOutcome(response.IsSuccessStatusCode, response.StatusCode == HttpStatusCode.Gone, wish?.Delta ?? (wish?.Date - now));
    }
}
