namespace Parley.Benchmarks.Transfers;

/// <summary>A way to bring files from one place to another, checked by a hash at both ends.</summary>
internal interface ITransferPeer : IAsyncDisposable
{
    /// <summary>As on the command line.</summary>
    string Name { get; }

    /// <summary>Why it cannot be measured here; null when it can.</summary>
    string? Unavailable { get; }

    /// <summary>Starts what has to run beforehand.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Brings one file or folder into an empty folder.</summary>
    /// <param name="source">What.</param>
    /// <param name="target">Where.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What it took, from the start of the sender until both ends have ended.</returns>
    /// <exception cref="InvalidOperationException">An end failed.</exception>
    Task<TransferCost> CopyAsync(string source, string target, CancellationToken cancellationToken);
}
