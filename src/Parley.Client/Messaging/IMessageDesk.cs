using Parley.Client.Responders;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>Where messages go that no responder answers: a terminal, a folder, a JSON stream.</summary>
public interface IMessageDesk
{
    /// <summary>Shows a message to a person, or writes it to the output that a program reads.</summary>
    Task ShowAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken);

    /// <summary>Saves the message's file under a name that is safe.</summary>
    /// <returns>The name it was saved as, for the reply.</returns>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">It cannot be saved.</exception>
    Task<string> SaveAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken);

    /// <summary>Told when a responder has answered, for the listener's own output.</summary>
    void Answered(Envelope envelope, ResponderRequest request, Reply reply);
}
