using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <content>Signals: said once, lost with a connection that breaks; whoever waits for an answer says them again.</content>
public sealed partial class HubLink
{
    /// <summary>Who is told of signals; null drops them.</summary>
    public ISignalSink? Signals { get; set; }

    /// <summary>Sends a signal to another agent; nothing happens while the link is down.</summary>
    /// <returns>Whether the link stood.</returns>
    internal bool Send(Signal signal) => Append(new Frame { Signal = signal });

    /// <summary>Asks for a relay circuit; nothing happens while the link is down.</summary>
    internal void Send(CircuitRequest request) => Append(new Frame { CircuitRequest = request });
}
