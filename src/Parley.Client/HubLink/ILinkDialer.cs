using Parley.Protocol.Link;

namespace Parley.Client.HubLink;

/// <summary>Opens the byte streams of a link, over gRPC or over WebSocket.</summary>
public interface ILinkDialer
{
    /// <summary>Opens one.</summary>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">HubUnreachable, PinMismatch, or what the hub refused with.</exception>
    Task<DialedLink> DialAsync(CancellationToken cancellationToken);

    /// <summary>Told that the hub answered nothing on the link that was opened last: something in between let it be opened, and let nothing pass.</summary>
    void OnUnanswered()
    {
    }
}

/// <summary>An open byte stream to the hub.</summary>
/// <param name="Transport">The stream.</param>
/// <param name="HubKeyHash">SHA-256 of the hub's public key as this connection showed it; empty in clear text.</param>
public sealed record DialedLink(ILinkTransport Transport, ReadOnlyMemory<byte> HubKeyHash) : IAsyncDisposable
{
    /// <summary>Closes the stream and what lies under it.</summary>
    public ValueTask DisposeAsync()
    {
        Transport.Abort();
        return Transport is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
    }
}
