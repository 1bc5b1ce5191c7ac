namespace Parley.Client.Peering.Paths;

/// <summary>Tries one kind of path once, at one end. Disposing of it gives up what was not handed over.</summary>
internal interface IPathOpener : IAsyncDisposable
{
    /// <summary>For people: what was tried so far and what it came to. Holds no control characters and no secrets.</summary>
    IReadOnlyList<string> Tried { get; }

    /// <summary>Whether somebody on the way showed another key than the proved one, or changed bytes.</summary>
    bool IsForged { get; }

    /// <summary>Whether the other end was heard on this kind of path, so that it is worth while to wait for it although a worse kind was found.</summary>
    bool IsPromising => false;

    /// <summary>What the other end needs to know beforehand; empty = nothing. It travels sealed, with the offer or the answer.</summary>
    /// <returns>Null when this kind cannot be tried here now.</returns>
    ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Tries until it is cancelled or has nothing more to try. Each way that was proved to lead to the other end is handed over; the attempt closes all but one.
    /// What failed is not thrown: <see cref="Tried"/> says what each way came to.
    /// </summary>
    /// <param name="remote">What the other end described.</param>
    /// <param name="found">Takes a proved way.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task RunAsync(ReadOnlyMemory<byte> remote, Action<FoundPath> found, CancellationToken cancellationToken);
}
