namespace Parley.Testing;

/// <summary>The one limit after which a test that waits for something gives up.</summary>
public static class Deadline
{
    /// <summary>60 s: long enough for a loaded machine, short enough to notice.</summary>
    public static readonly TimeSpan Shared = TimeSpan.FromSeconds(60);

    /// <summary>Waits until something holds, looking again after every scheduler turn.</summary>
    /// <param name="condition">What is to hold.</param>
    /// <param name="what">What is waited for, for the failure message.</param>
    /// <param name="longest">Another limit than <see cref="Shared"/>.</param>
    /// <exception cref="TimeoutException">It did not in time.</exception>
    public static Task UntilAsync(Func<bool> condition, string what, TimeSpan? longest = null) => UntilAsync(() => Task.FromResult(condition()), what, longest);

    /// <summary>The same, for a failure that shows what there was instead.</summary>
    public static Task UntilAsync(Func<bool> condition, Func<string> what) => UntilAsync(() => Task.FromResult(condition()), what, Shared);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string, TimeSpan?)"/>
    public static Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? longest = null) => UntilAsync(condition, () => what, longest ?? Shared);

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds:0} s for: {what()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }
}
