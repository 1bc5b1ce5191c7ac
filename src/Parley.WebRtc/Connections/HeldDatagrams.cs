namespace Parley.WebRtc.Connections;

/// <summary>The peer's first DTLS, which may come before its answer says whose certificate to expect. Bounded; what comes beyond is dropped, and sent again.</summary>
internal sealed class HeldDatagrams
{
    private const int MaxDatagrams = 16;
    private const int MaxBytes = 2048;

    private readonly Queue<byte[]> _held = new();

    /// <summary>Keeps one.</summary>
    public void Add(ReadOnlySpan<byte> datagram)
    {
        if (_held.Count < MaxDatagrams && datagram.Length <= MaxBytes)
        {
            _held.Enqueue(datagram.ToArray());
        }
    }

    /// <summary>Gives the oldest back.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? datagram) => _held.TryDequeue(out datagram);
}
