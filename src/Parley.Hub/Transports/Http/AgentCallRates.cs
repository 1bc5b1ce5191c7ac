using Microsoft.Extensions.Options;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>How often one credential may call agents, whichever dialect it speaks.</summary>
internal sealed class AgentCallRates
{
    private const int MaxRemembered = 10_000;

    private readonly RateLimiter _calls;

    /// <summary>Rates of one hub.</summary>
    public AgentCallRates(IOptions<DoorOptions> options, TimeProvider time) =>
        _calls = new RateLimiter(options.Value.AgentCallsPerMinute, TimeSpan.FromMinutes(1), MaxRemembered, time);

    /// <summary>Counts a call.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>, with when to try again.</exception>
    public void Take(Principal caller)
    {
        if (_calls.TryTake(caller.CredentialId) is { } wait)
        {
            throw new ParleyException(ErrorCode.RateLimited, "The key makes more calls than this hub allows.") { RetryAfter = wait };
        }
    }
}
