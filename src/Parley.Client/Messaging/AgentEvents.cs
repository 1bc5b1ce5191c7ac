using Parley.Client.HubLink;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>One link for a listener that also sends: requests go to the listener, what becomes of its own messages to the sender.</summary>
public sealed class AgentEvents(Listener listener, Sender sender) : ILinkEvents
{
    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        if (incoming.Envelope.Kind is EnvelopeKind.Reply or EnvelopeKind.Part)
        {
            sender.OnDelivery(incoming);
        }
        else
        {
            listener.OnDelivery(incoming);
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt)
    {
        listener.OnReceipt(receipt);
        sender.OnReceipt(receipt);
    }

    /// <inheritdoc/>
    public void OnConnected(Welcome welcome)
    {
        listener.OnConnected(welcome);
        sender.OnConnected(welcome);
    }

    /// <inheritdoc/>
    public void OnDisconnected(string reason)
    {
        listener.OnDisconnected(reason);
        sender.OnDisconnected(reason);
    }
}
