using System.Net.ServerSentEvents;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Sse;

/// <summary>Reads server-sent events of a stranger, within a limit.</summary>
public static class SseReader
{
    /// <summary>The events as they come; the enumeration ends with the stream.</summary>
    /// <param name="stream">The response's body.</param>
    /// <param name="maxBytes">Most bytes that are read in all.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageTooLarge"/> beyond <paramref name="maxBytes"/>.</exception>
    public static IAsyncEnumerable<SseItem<string>> ReadAsync(Stream stream, long maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(new LimitedStream(stream, maxBytes), cancellationToken);

    /// <summary>The events as they come, of a stream whose limits are its own.</summary>
    public static IAsyncEnumerable<SseItem<string>> ReadAsync(LimitedStream stream, CancellationToken cancellationToken) =>
        ReadItemsAsync(SseParser.Create(stream), cancellationToken);

    private static async IAsyncEnumerable<SseItem<string>> ReadItemsAsync(
        SseParser<string> parser, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
        {
            yield return item;
        }
    }
}
