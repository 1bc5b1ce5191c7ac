using System.Threading.Channels;
using Google.Protobuf;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <content>What the purpose of the session has to say besides its paths.</content>
internal sealed partial class PeerSession : ISealedNotes
{
    private const int MaxHeard = 256;

    private readonly Channel<ReadOnlyMemory<byte>> _heard = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MaxHeard) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> RemoteDtlsFingerprint => _parts.Handshake.Remote.DtlsFingerprint;

    /// <inheritdoc/>
    public ChannelReader<ReadOnlyMemory<byte>> Heard => _heard.Reader;

    /// <inheritdoc/>
    public void Say(ReadOnlyMemory<byte> note)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(note.Length, ISealedNotes.MaxNoteBytes);
        Say(new PeerNote { Application = ByteString.CopyFrom(note.Span) });
    }
}
