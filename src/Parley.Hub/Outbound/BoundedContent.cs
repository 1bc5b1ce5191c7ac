using System.Net;

namespace Parley.Hub.Outbound;

/// <summary>An answer's body that ends with a refusal when it becomes too large or falls silent. Disposing of it ends the answer.</summary>
internal sealed class BoundedContent : HttpContent
{
    /// <summary>What the caller is told of a body beyond the limit.</summary>
    public const string TooLarge = "The answer is larger than this side reads.";

    private const int CopyBytes = 16 * 1024;

    private readonly HttpContent _inner;
    private readonly OutboundPolicy _policy;
    private readonly TimeProvider _time;

    /// <summary>Bounds a body.</summary>
    public BoundedContent(HttpContent inner, OutboundPolicy policy, TimeProvider time)
    {
        (_inner, _policy, _time) = (inner, policy, time);
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => CopyAsync(stream, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => CopyAsync(stream, cancellationToken);

    /// <inheritdoc/>
    protected override Task<Stream> CreateContentReadStreamAsync() => OpenAsync(CancellationToken.None);

    /// <inheritdoc/>
    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<Stream> OpenAsync(CancellationToken cancellationToken) =>
        new BoundedStream(await _inner.ReadAsStreamAsync(cancellationToken), _policy.MaxResponseBytes, _policy.IdleTimeout, _time);

    private async Task CopyAsync(Stream target, CancellationToken cancellationToken)
    {
        await using var source = await OpenAsync(cancellationToken);
        await source.CopyToAsync(target, CopyBytes, cancellationToken);
    }
}
