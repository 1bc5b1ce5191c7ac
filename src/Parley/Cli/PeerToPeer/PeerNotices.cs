using Google.Protobuf;
using Parley.Client.HubLink;
using Parley.Client.Peering;
using Parley.Protocol.Wire;

namespace Parley.Cli.PeerToPeer;

/// <summary>What a listener says when an agent wants to meet and nobody here accepts that: who, and what to type. Once for each request.</summary>
internal sealed class PeerNotices(CommandContext context) : ISignalSink
{
    /// <summary>Requests that are remembered; then all are forgotten, and who still waits is announced again.</summary>
    private const int MaxRemembered = 256;

    private readonly HashSet<ByteString> _announced = [];

    /// <inheritdoc/>
    public void OnSignal(Frame frame)
    {
        if (frame.SignalNotice is not { } notice || PeerPurposeName.FromWire(notice.Purpose) is not { } purpose)
        {
            return;
        }

        if (_announced.Count >= MaxRemembered)
        {
            _announced.Clear();
        }

        if (_announced.Add(notice.Session))
        {
            context.Terminal.Note(TextOf(purpose, notice.From));
        }
    }

    /// <summary>The line.</summary>
    internal static string TextOf(PeerPurpose purpose, string from) => purpose switch
    {
        PeerPurpose.Transfer => $"{from} wants to send files: parley p2p recv --from {from}",
        PeerPurpose.Chat => $"{from} wants to chat: parley p2p chat {from}",
        PeerPurpose.Call => $"{from} calls: parley p2p call {from}",
        _ => $"{from} looks for a way to this machine: parley p2p doctor",
    };
}
