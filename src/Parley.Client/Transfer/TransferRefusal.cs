using Parley.Client.Peering;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>How a sender is told that nothing is taken from it: before it has named a single file.</summary>
public static class TransferRefusal
{
    /// <summary>Tells it, on a path, and waits until it has heard it.</summary>
    public static async Task TellAsync(IPeerSession session, CancellationToken cancellationToken)
    {
        await using var path = await session.ConnectAsync(Enum.GetValues<PathKind>(), cancellationToken);
        var refusal = new ParleyException(ErrorCode.TransferDeclined, "The receiver does not want the files.");
        await path.Stream.WriteAsync(Refusal.Of(refusal).ToFrame(), cancellationToken);
        await path.Stream.FlushAsync(cancellationToken);
        var buffer = new byte[1024];
        while (await path.Stream.ReadAsync(buffer, cancellationToken) > 0)
        {
            // Until it is gone: a sender says no more than its hello before it has read this.
        }
    }
}
