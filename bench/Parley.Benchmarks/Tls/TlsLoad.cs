using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;
using Parley.Benchmarks.Scenarios;
using Parley.Client.Load;

namespace Parley.Benchmarks.Tls;

/// <summary>Clients that ask a server over TLS, one request at a time each.</summary>
/// <param name="Clients">How many at once.</param>
/// <param name="IsKept">Whether a client keeps its connection; otherwise each request has a new one, with a full handshake.</param>
internal sealed record TlsLoad(int Clients, bool IsKept)
{
    private static readonly byte[] _request = HttpConnection.Request("GET", "/");

    /// <summary>Runs it; what a warm-up does is not counted.</summary>
    public async Task<LoadResult> RunAsync(ITlsPeer peer, TimeSpan warmUp, TimeSpan length, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var begin = timeProvider.GetTimestamp() + (long)(warmUp.TotalSeconds * timeProvider.TimestampFrequency);
        var end = begin + (long)(length.TotalSeconds * timeProvider.TimestampFrequency);
        var loops = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => LoopAsync(peer, begin, end, timeProvider, cancellationToken), cancellationToken)).ToList();
        await Task.Delay(warmUp, timeProvider, cancellationToken);
        var before = (Server: ProcessUsage.ProcessorTime(peer.ProcessId), Own: ProcessUsage.ProcessorTime(Environment.ProcessId));
        await Task.Delay(length, timeProvider, cancellationToken);
        var used = (Server: ProcessUsage.ProcessorTime(peer.ProcessId) - before.Server, Own: ProcessUsage.ProcessorTime(Environment.ProcessId) - before.Own);
        var merged = new Histogram();
        foreach (var result in await Task.WhenAll(loops))
        {
            merged.Add(result);
        }

        return new LoadResult(merged, length, used.Server, used.Own);
    }

    private async Task<Histogram> LoopAsync(ITlsPeer peer, long begin, long end, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var durations = new Histogram();
        var buffer = new byte[1024];
        Stream? kept = null;
        for (var now = timeProvider.GetTimestamp(); now < end;)
        {
            kept ??= await peer.ConnectAsync(cancellationToken);
            await AskAsync(kept, buffer, cancellationToken);
            if (!IsKept)
            {
                await kept.DisposeAsync();
                kept = null;
            }

            var then = timeProvider.GetTimestamp();
            if (now >= begin && then <= end)
            {
                durations.Record((long)timeProvider.GetElapsedTime(now, then).TotalNanoseconds);
            }

            now = then;
        }

        if (kept is not null)
        {
            await kept.DisposeAsync();
        }

        return durations;
    }

    // The answer has no body, so it ends with its head.
    private static async ValueTask AskAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_request, cancellationToken);
        var count = 0;
        while (!buffer.AsSpan(0, count).EndsWith("\r\n\r\n"u8))
        {
            var read = await stream.ReadAsync(buffer.AsMemory(count), cancellationToken);
            if (read == 0 || count + read == buffer.Length)
            {
                throw new InvalidDataException("This is not the server's empty answer.");
            }

            count += read;
        }

        if (!buffer.AsSpan(0, count).StartsWith("HTTP/1.1 200 "u8))
        {
            throw new InvalidDataException("The server did not answer 200.");
        }
    }
}
