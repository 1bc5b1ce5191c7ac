using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <summary>Who is told of signals that come over a link. Calls come one after another on the link's reader and must not block it.</summary>
public interface ISignalSink
{
    /// <summary>A signal, a refusal of one, a notice to a listener, or the ticket of a circuit.</summary>
    void OnSignal(Frame frame);
}
