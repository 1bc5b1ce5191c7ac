using System.Buffers.Binary;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Tasks.Push;

/// <summary>How long to wait before a notification is tried again: 1 s, doubled each time, at most 5 min; a random half of it is left out, so that hubs that fail together do not come back together.</summary>
internal static class PushBackoff
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _longestWish = TimeSpan.FromHours(1);

    /// <summary>The wait after a failed attempt.</summary>
    /// <param name="attempt">How many have failed, from 1.</param>
    /// <param name="wish">What the other side asked for; it is heeded up to an hour.</param>
    /// <param name="random">Source of the random half.</param>
    public static TimeSpan After(int attempt, TimeSpan? wish, FillRandom random)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        random(bytes);
        var share = 0.5 + (BinaryPrimitives.ReadUInt16BigEndian(bytes) / (2.0 * ushort.MaxValue));
        var whole = TimeSpan.FromTicks(Math.Min(_longest.Ticks, _first.Ticks << Math.Min(attempt - 1, 20)));
        var own = whole * share;
        return wish is { } asked && asked > own ? TimeSpan.FromTicks(Math.Min(asked.Ticks, _longestWish.Ticks)) : own;
    }
}
