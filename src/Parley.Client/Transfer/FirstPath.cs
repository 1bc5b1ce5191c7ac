using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>The first path of a transfer: whoever was met and never opens it is not waited for without end.</summary>
internal static class FirstPath
{
    /// <summary>Opens it.</summary>
    /// <param name="session">With whom.</param>
    /// <param name="allowed">Which paths may be used.</param>
    /// <param name="patience">How long it may take; infinite for no limit.</param>
    /// <param name="late">What is said when it took longer.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.DeadlineExceeded"/>: it took longer.</exception>
    public static async Task<PeerPath> OpenAsync(
        IPeerSession session, IReadOnlyCollection<PathKind> allowed, TimeSpan patience, string late, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await session.ConnectAsync(allowed, either.Token);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, late, exception);
        }
    }
}
