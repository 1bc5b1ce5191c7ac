using Parley.Testing;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

/// <summary>An association of ours with a peer made of bytes: connected, and from then on told whatever a test likes.</summary>
internal sealed class HostilePeer
{
    public const uint Tag = 77;
    public const uint FirstTsn = 1000;

    private readonly byte[] _packet = new byte[65_536];
    private uint _tag = Tag;

    public HostilePeer(SctpOptions? options = null, bool canReset = true)
    {
        Victim = new SctpEnd(new SctpAssociation(options ?? new SctpOptions(), SeededRandom.Source(1)));
        Association.Receive(SctpBytes.Packet(0, SctpBytes.Init(Tag, FirstTsn, 0xC0, 0, 0, 4, 0x80, 8, 0, 6, canReset ? ChunkType.Reconfig : ChunkType.ForwardTsn, ChunkType.ForwardTsn, 0, 0)), Now);
        var length = Association.Poll(_packet, Now);
        Assert.True(InitChunk.TryRead(_packet.AsSpan(16, length - 16), out var answer));
        (VictimTag, VictimTsn) = (answer.Tag, answer.InitialTsn);
        Tell(SctpBytes.Chunk(ChunkType.CookieEcho, 0, answer.Cookie.ToArray()));
        Assert.Equal(SctpState.Established, Association.State);
        Hear();
    }

    public SctpEnd Victim { get; }

    public SctpAssociation Association => Victim.Association;

    public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(1);

    public uint VictimTag { get; }

    public uint VictimTsn { get; }

    /// <summary>Loses its memory and shakes hands again, with other tags.</summary>
    public void BeginAnew()
    {
        Association.Receive(SctpBytes.Packet(0, SctpBytes.Init(++_tag, FirstTsn)), Now);
        var length = Association.Poll(_packet, Now);
        Assert.True(InitChunk.TryRead(_packet.AsSpan(16, length - 16), out var answer));
        Association.Receive(SctpBytes.Packet(answer.Tag, SctpBytes.Chunk(ChunkType.CookieEcho, 0, answer.Cookie.ToArray())), Now);
        Hear();
    }

    /// <summary>Sends chunks in one packet.</summary>
    public void Tell(params byte[][] chunks) => Association.Receive(SctpBytes.Packet(VictimTag, chunks), Now);

    /// <summary>All chunks that the victim sends now, by type and value.</summary>
    public List<(byte Type, byte[] Value)> Hear()
    {
        var chunks = new List<(byte, byte[])>();
        for (int length; (length = Association.Poll(_packet, Now)) > 0;)
        {
            var reader = new ChunkReader(_packet.AsSpan(12, length - 12));
            while (reader.MoveNext())
            {
                chunks.Add((reader.Type, reader.Value.ToArray()));
            }
        }

        Victim.Read();
        return chunks;
    }
}
