using Parley.Client.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Cli.PeerToPeer;

/// <summary>Meets another agent within a time.</summary>
internal static class P2pMeeting
{
    /// <summary>Opens a session; either side may start first.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentOffline"/>: nobody accepted it in time.</exception>
    public static async Task<IPeerSession> OpenAsync(CommandContext context, IPeering peering, string target, PeerPurpose purpose, TimeSpan patience, string remedy, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await peering.OpenAsync(target, purpose, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.AgentOffline, $"Nobody of {target} answered within {DurationText.Format(patience)}: {remedy}.");
        }
    }
}
