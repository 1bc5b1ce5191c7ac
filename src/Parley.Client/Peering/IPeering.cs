namespace Parley.Client.Peering;

/// <summary>Sessions of this agent with other agents. The hub carries the signals that make them and sees nothing of what they carry.</summary>
public interface IPeering
{
    /// <summary>Opens a session with another agent. Either side may start first: when nobody there accepts sessions of this purpose yet, it waits until somebody does.</summary>
    /// <param name="target">An address or a bare name, as <c>parley a2a send</c> takes it.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="Protocol.Errors.ParleyException">The target is unknown, may not be reached by this agent, refused, or showed another key than the pinned one.</exception>
    Task<IPeerSession> OpenAsync(string target, PeerPurpose purpose, CancellationToken cancellationToken);

    /// <summary>Sessions that other agents open with this one, each once its opener has proved its key. Whoever enumerates disposes of each; several may be open at once.</summary>
    /// <param name="purpose">What for.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    IAsyncEnumerable<IPeerSession> AcceptAsync(PeerPurpose purpose, CancellationToken cancellationToken);
}
