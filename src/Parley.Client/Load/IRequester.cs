namespace Parley.Client.Load;

/// <summary>The asking end of a request-reply pair.</summary>
public interface IRequester : IAsyncDisposable
{
    /// <summary>Sends a request and completes with the reply, possibly on the thread that read it. The memory is valid until the next request.</summary>
    ValueTask<ReadOnlyMemory<byte>> RequestAsync(string target, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);
}
