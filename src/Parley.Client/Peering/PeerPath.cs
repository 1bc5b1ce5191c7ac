namespace Parley.Client.Peering;

/// <summary>An open, encrypted and authenticated way to the other end of a session.</summary>
/// <param name="Stream">
/// Bytes in order, both ways at once; a full one makes the writer wait. It has no half-close: what travels on it says where it ends.
/// A read of 0 bytes before that, or an <see cref="IOException"/>, means that the path broke; <see cref="IPeerSession.ConnectAsync"/> opens another.
/// </param>
/// <param name="Kind">How the bytes travel.</param>
/// <param name="Reason">For people: why this path and no better one. Holds no control characters.</param>
public sealed record PeerPath(Stream Stream, PathKind Kind, string Reason) : IAsyncDisposable
{
    /// <inheritdoc />
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
