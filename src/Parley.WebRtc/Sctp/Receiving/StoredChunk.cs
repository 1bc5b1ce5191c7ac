namespace Parley.WebRtc.Sctp.Receiving;

/// <summary>A fragment that waits for the ones before it.</summary>
internal struct StoredChunk
{
    /// <summary>The content; null: nothing is stored, or it was delivered.</summary>
    public byte[]? Buffer;

    public int Length;

    public byte Flags;

    public ushort Stream;

    public ushort Ssn;

    public uint ProtocolId;

    /// <summary>At either end of a run of adjoining fragments of one message: the TSN of the other end.</summary>
    public uint OtherEnd;
}
