using System.Buffers.Binary;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>When a delivery that failed is tried again. Pure.</summary>
/// <remarks>
/// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h after the attempt before, each up to a fifth shorter or longer, so that what failed together does not come back together:
/// ten attempts within some three days. What the receiver asks for (Retry-After) is heeded when it is longer, up to a day.
/// </remarks>
internal static class RetrySchedule
{
    /// <summary>Attempts until a delivery is given up.</summary>
    public const int MaxAttempts = 10;

    /// <summary>Nothing waits longer than this: the longest wait and its jitter.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24) * (1 + Jitter);

    private const double Jitter = 0.2;

    private static readonly TimeSpan _longestWish = TimeSpan.FromHours(24);
    private static readonly TimeSpan _throttled = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan[] _waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>The wait after a failed attempt; null when it was the last one.</summary>
    /// <param name="attempts">How many have failed, from 1.</param>
    /// <param name="maxAttempts">After how many it is given up.</param>
    /// <param name="verdict">What the receiver said.</param>
    /// <param name="random">Source of the jitter.</param>
    public static TimeSpan? After(int attempts, int maxAttempts, WebhookVerdict verdict, FillRandom random)
    {
        if (attempts >= maxAttempts)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        random(bytes);
        var share = 1 - Jitter + (2 * Jitter * BinaryPrimitives.ReadUInt16BigEndian(bytes) / ushort.MaxValue);
        var wait = _waits[Math.Min(attempts, _waits.Length) - 1] * share;
        if (verdict.IsThrottled && wait < _throttled)
        {
            wait = _throttled * share;
        }

        return verdict.RetryAfter is { } wish && wish > wait ? TimeSpan.FromTicks(Math.Min(wish.Ticks, _longestWish.Ticks)) : wait;
    }
}
