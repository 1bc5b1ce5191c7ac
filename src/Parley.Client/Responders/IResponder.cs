namespace Parley.Client.Responders;

/// <summary>Turns a message into an answer. The link, rooms, peers and A2A tasks all use this one seam, through <see cref="ResponderPipeline"/>.</summary>
public interface IResponder
{
    /// <summary>What the routing rules must know about this responder.</summary>
    ResponderTraits Traits { get; }

    /// <summary>Works on one message and tells what happens as it happens.</summary>
    /// <remarks>
    /// The last event is <see cref="ResponderEvent.Completed"/> or <see cref="ResponderEvent.Failed"/>; a stream that ends without one counts as completed.
    /// Cancellation means that the sender cancelled, the time ran out or the listener stops: the responder stops its work, the whole process tree
    /// included, before the enumeration ends. Leaving the enumeration early means the same.
    /// </remarks>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">Instead of a Failed event.</exception>
    IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, CancellationToken cancellationToken);
}

/// <summary>What kind of responder it is, as far as the routing rules care.</summary>
[Flags]
public enum ResponderTraits
{
    /// <summary>Nothing special: every type of message may reach it.</summary>
    None = 0,

    /// <summary>A shell: it would run what it is given, so text and files never reach it (DECISIONS 9).</summary>
    Shell = 1,
}
