namespace Parley.Client.Load;

/// <summary>One request after the other until the measured time is over; what is answered inside it counts.</summary>
/// <param name="PayloadBytes">Size of a request and of its reply.</param>
/// <param name="Begin">Timestamp from which answers count: before it is the warm-up.</param>
/// <param name="End">Timestamp after which they do not.</param>
public sealed record RequestLoop(int PayloadBytes, long Begin, long End)
{
    /// <summary>Runs the loop.</summary>
    /// <returns>Round trips in nanoseconds.</returns>
    /// <exception cref="InvalidDataException">A reply has another size than its request.</exception>
    public async Task<Histogram> RunAsync(IRequester requester, string target, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var payload = new byte[PayloadBytes];
        var nanosecondsPerTick = 1e9 / timeProvider.TimestampFrequency;
        var durations = new Histogram();
        while (true)
        {
            var sent = timeProvider.GetTimestamp();
            var reply = await requester.RequestAsync(target, payload, cancellationToken);
            var received = timeProvider.GetTimestamp();
            if (reply.Length != PayloadBytes)
            {
                throw new InvalidDataException($"A reply has {reply.Length} bytes instead of {PayloadBytes}.");
            }

            if (received >= End)
            {
                return durations;
            }

            if (received >= Begin)
            {
                durations.Record((long)((received - sent) * nanosecondsPerTick));
            }
        }
    }
}
