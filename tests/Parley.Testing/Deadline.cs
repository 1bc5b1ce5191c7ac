namespace Parley.Testing;

/// <summary>The one limit after which a test that waits for something gives up.</summary>
public static class Deadline
{
    /// <summary>60 s: long enough for a loaded machine, short enough to notice.</summary>
    public static readonly TimeSpan Shared = TimeSpan.FromSeconds(60);

    /// <summary>Waits until something holds, looking again after every scheduler turn.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="Shared"/>.</exception>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Shared)
            {
                throw new TimeoutException($"Waited {Shared.TotalSeconds:0} s for: {what}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }
}
