using Parley.Benchmarks.Scenarios;

namespace Parley.Benchmarks.Peers;

/// <summary>A server for which a message is two requests: one on the sender's connection, one on the receiver's.</summary>
internal interface IRoomPeer : IMeasuredServer, IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    int Port { get; }

    /// <summary>Starts the server.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>The two requests of a pair; the same pair for the same number.</summary>
    Task<RoomRequests> PairAsync(int number, CancellationToken cancellationToken);

    /// <summary>A request that is held; another one for each number.</summary>
    byte[] Hold(int number);

    /// <summary>Makes what <see cref="Hold"/> needs.</summary>
    Task PrepareHoldsAsync(int count, CancellationToken cancellationToken);
}

/// <summary>The requests of one message.</summary>
/// <param name="Send">Says it.</param>
/// <param name="Wait">Gets it.</param>
/// <param name="CanWaitFirst">Whether the second may be sent before the first and is held until then.</param>
internal sealed record RoomRequests(byte[] Send, byte[] Wait, bool CanWaitFirst);
