using Google.Protobuf;
using Parley.Client.HubLink;
using Parley.Client.Peering;
using Parley.Protocol.Wire;

namespace Parley.HubTests.Peering;

/// <summary>Stands where a hub that lies stands: between the link and whoever reads its signals.</summary>
/// <param name="peering">Whose signals.</param>
/// <param name="change">What becomes of a signal: none, one or several.</param>
internal sealed class LyingHub(AgentPeering peering, Func<PeerSignal, IEnumerable<PeerSignal>> change) : ISignalSink
{
    /// <summary>Puts one in front of an agent.</summary>
    public static void Before(AgentPeering peering, Func<PeerSignal, IEnumerable<PeerSignal>> change) => peering.Link.Signals = new LyingHub(peering, change);

    /// <summary>The same, for a lie that changes a message in place.</summary>
    public static void Before(AgentPeering peering, Action<PeerSignal> change) => Before(peering, signal =>
    {
        change(signal);
        return [signal];
    });

    /// <inheritdoc/>
    public void OnSignal(Frame frame)
    {
        if (frame.BodyCase != Frame.BodyOneofCase.Signal)
        {
            peering.OnSignal(frame);
            return;
        }

        foreach (var signal in change(PeerSignal.Parser.ParseFrom(frame.Signal.Payload)))
        {
            var changed = frame.Clone();
            changed.Signal.Payload = signal.ToByteString();
            peering.OnSignal(changed);
        }
    }
}
