namespace Parley.Client.Peering.Meetings;

/// <summary>Where a talk of two ends, such as a chat, gets its sessions from.</summary>
public interface IPeerMeeting
{
    /// <summary>Meets the other end, for the first time or again.</summary>
    /// <exception cref="Protocol.Errors.ParleyException">Nobody came in time, or it was refused.</exception>
    Task<IPeerSession> MeetAsync(CancellationToken cancellationToken);

    /// <summary>Ends when the other end has opened a session that takes the place of this one.</summary>
    /// <param name="session">The one in use.</param>
    /// <param name="hasHeard">Whether the other end has said something in it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task WaitReplacedAsync(IPeerSession session, Func<bool> hasHeard, CancellationToken cancellationToken);
}
