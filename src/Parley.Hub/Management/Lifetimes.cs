using Parley.Protocol.Errors;

namespace Parley.Hub.Management;

/// <summary>The rule for how long credentials are good: seconds, 0 = for ever, at most ten years.</summary>
internal static class Lifetimes
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(3653);

    /// <summary>The lifetime that a caller asked for; null = for ever.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static TimeSpan? Read(long? seconds, TimeSpan? absent)
    {
        if (seconds is not { } value)
        {
            return absent;
        }

        if (value < 0 || value > _longest.TotalSeconds)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A lifetime is up to ten years; 0 is for ever.");
        }

        return value == 0 ? null : TimeSpan.FromSeconds(value);
    }
}
