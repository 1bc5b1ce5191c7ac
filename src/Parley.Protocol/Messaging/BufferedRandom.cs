namespace Parley.Protocol.Messaging;

/// <summary>Random bytes for ids, drawn from a source in large pieces: asking the operating system for 26 bytes costs as much as for thousands.</summary>
/// <remarks>Every byte is handed out once. For nonces and keys ask the source itself. Safe for use by several threads.</remarks>
/// <param name="source">Where the bytes come from.</param>
public sealed class BufferedRandom(FillRandom source)
{
    private readonly Lock _gate = new();
    private readonly byte[] _bytes = new byte[4096];
    private int _left;

    /// <summary>Fills a span; has the shape of <see cref="FillRandom"/>.</summary>
    public void Fill(Span<byte> destination)
    {
        if (destination.Length > _bytes.Length)
        {
            source(destination);
            return;
        }

        lock (_gate)
        {
            if (_left < destination.Length)
            {
                source(_bytes);
                _left = _bytes.Length;
            }

            var piece = _bytes.AsSpan(_left - destination.Length, destination.Length);
            piece.CopyTo(destination);
            piece.Clear();
            _left -= destination.Length;
        }
    }
}
