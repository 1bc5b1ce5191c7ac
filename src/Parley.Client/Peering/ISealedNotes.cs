using System.Threading.Channels;

namespace Parley.Client.Peering;

/// <summary>What a session can say to the other end besides its paths: short, sealed, over the hub, and lost when a link breaks under it.</summary>
public interface ISealedNotes
{
    /// <summary>The hash of the DTLS certificate that the other end signed for this session, 32 bytes; empty when it has none.</summary>
    ReadOnlyMemory<byte> RemoteDtlsFingerprint { get; }

    /// <summary>What the other end said, in order, of which some may be lost; the oldest go when nobody reads. Ends with the session.</summary>
    ChannelReader<ReadOnlyMemory<byte>> Heard { get; }

    /// <summary>Says something.</summary>
    /// <param name="note">At most <see cref="MaxNoteBytes"/>.</param>
    void Say(ReadOnlyMemory<byte> note);

    /// <summary>Longest note: what is left of a signal of 32 KiB, the default limit of hubs, sealed.</summary>
    const int MaxNoteBytes = 31 << 10;
}
