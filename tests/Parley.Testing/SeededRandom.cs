using Parley.Protocol.Messaging;

namespace Parley.Testing;

/// <summary>A repeatable stand-in for the operating system's random bytes.</summary>
public static class SeededRandom
{
    /// <summary>A source that gives the same bytes for the same seed; safe from many threads.</summary>
    public static FillRandom Source(int seed)
    {
        var random = new Random(seed);
        var gate = new Lock();
        return destination =>
        {
            lock (gate)
            {
                random.NextBytes(destination);
            }
        };
    }
}
