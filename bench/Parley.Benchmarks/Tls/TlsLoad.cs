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

    /// <summary>Runs it.</summary>
    public Task<LoadResult> RunAsync(ITlsPeer peer, MeasuredWindow window, CancellationToken cancellationToken) =>
        window.RunAsync(peer, Enumerable.Range(0, Clients).Select<int, Func<Task<Histogram>>>(_ => () => LoopAsync(peer, window, cancellationToken)), cancellationToken);

    private async Task<Histogram> LoopAsync(ITlsPeer peer, MeasuredWindow window, CancellationToken cancellationToken)
    {
        var durations = new Histogram();
        var buffer = new byte[1024];
        Stream? kept = null;
        for (var now = window.Now; !window.IsOver(now);)
        {
            kept ??= await peer.ConnectAsync(cancellationToken);
            await AskAsync(kept, buffer, cancellationToken);
            if (!IsKept)
            {
                await kept.DisposeAsync();
                kept = null;
            }

            var then = window.Now;
            window.Record(durations, now, then);
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
