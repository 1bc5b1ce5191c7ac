using Parley.Client.HubLink;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Rooms;

/// <summary>Which failures of a room's call pass by themselves, and how long to wait for that.</summary>
public static class RoomRetry
{
    private static readonly TimeSpan _cap = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _least = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether the same call may go well later: the hub is away, stops, or has too much to do.</summary>
    public static bool IsTransient(ErrorCode code) => code is
        ErrorCode.HubUnreachable or ErrorCode.Draining or ErrorCode.Unavailable or ErrorCode.RateLimited or ErrorCode.DeadlineExceeded or
        ErrorCode.LinkTimeout or ErrorCode.RoomInboxFull;

    /// <summary>How long to wait before the next try.</summary>
    /// <param name="refusal">What the last one came to.</param>
    /// <param name="failures">How many failed in a row.</param>
    /// <param name="random">For the jitter.</param>
    public static TimeSpan DelayAfter(ParleyException refusal, int failures, FillRandom random)
    {
        if (refusal.RetryAfter is { } asked)
        {
            return asked;
        }

        Span<byte> fraction = stackalloc byte[1];
        random(fraction);
        return _least + Backoff.Next(failures, null, _cap, fraction[0] / 255d);
    }
}
