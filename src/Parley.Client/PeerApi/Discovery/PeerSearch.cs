using System.Net.Sockets;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>Asks the local network which instances are there.</summary>
public static class PeerSearch
{
    /// <summary>How long answers are waited for unless told otherwise. <value>3 s.</value></summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);

    /// <summary>Asks, once a second, until the time is up.</summary>
    /// <param name="socket">One that asks.</param>
    /// <param name="patience">How long.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unavailable"/>: the network takes no multicast.</exception>
    public static async Task<IReadOnlyList<PeerAnnouncement>> RunAsync(MulticastSocket socket, TimeSpan patience, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var found = new FoundPeers();
        using var limit = new CancellationTokenSource(patience, timeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await Task.WhenAll(AskAsync(socket, timeProvider, end.Token), HearAsync(socket, found, end.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up.
        }

        catch (SocketException exception)
        {
            throw new ParleyException(ErrorCode.Unavailable, $"The network of {socket.OwnAddress} takes no multicast: {exception.SocketErrorCode}. Choose another with --interface ADDRESS.", exception);
        }

        return found.All();
    }

    private static async Task AskAsync(MulticastSocket socket, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        while (true)
        {
            await socket.SendAsync(PeerService.Query, null, cancellationToken);
            await Task.Delay(_again, timeProvider, cancellationToken);
        }
    }

    private static async Task HearAsync(MulticastSocket socket, FoundPeers found, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var (message, from) = await socket.ReceiveAsync(cancellationToken);
                found.Hear(message, from.Address);
            }
            catch (SocketException)
            {
                // Somebody refused an earlier datagram: others may still answer.
            }
        }
    }
}
