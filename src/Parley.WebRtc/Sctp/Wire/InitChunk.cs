using System.Buffers.Binary;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>How an end introduces itself: INIT and INIT ACK (RFC 9260, sections 3.3.2 and 3.3.3).</summary>
/// <remarks>
/// Value, big endian: initiate tag (4, not zero) | window (4) | outbound streams (2, not zero) | inbound streams (2, not zero) | initial TSN (4) | parameters.
/// Parameters understood: state cookie 7, supported extensions 0x8008 (one chunk type a byte, RFC 5061), forward TSN supported 0xC000 (RFC 3758).
/// </remarks>
internal readonly ref struct InitChunk
{
    /// <summary>Bytes of the value before the parameters.</summary>
    public const int FixedBytes = 16;

    public const ushort CookieParameter = 7;
    public const ushort UnrecognizedParameter = 8;
    public const ushort ExtensionsParameter = 0x8008;
    public const ushort ForwardTsnParameter = 0xC000;

    /// <summary>Bytes of the parameters that tell our extensions.</summary>
    public const int ExtensionsBytes = 8 + 4;

    public uint Tag { get; init; }

    public uint Window { get; init; }

    public ushort OutboundStreams { get; init; }

    public ushort InboundStreams { get; init; }

    public uint InitialTsn { get; init; }

    public bool HasForwardTsn { get; init; }

    public bool HasReconfig { get; init; }

    /// <summary>The state cookie of an INIT ACK, empty when there is none.</summary>
    public ReadOnlySpan<byte> Cookie { get; init; }

    /// <summary>Parameters as they came.</summary>
    public ReadOnlySpan<byte> Parameters { get; init; }

    /// <summary>Reads the value of either chunk.</summary>
    /// <returns>False when a field has a value that the protocol forbids or a parameter cannot be read.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out InitChunk chunk)
    {
        chunk = default;
        if (value.Length < FixedBytes)
        {
            return false;
        }

        var (hasForward, hasReconfig) = (false, false);
        var cookie = ReadOnlySpan<byte>.Empty;
        var reader = new ChunkReader(value[FixedBytes..]);
        while (reader.MoveNext())
        {
            switch (reader.ParameterType)
            {
                case CookieParameter:
                    cookie = reader.Value;
                    break;
                case ForwardTsnParameter:
                    hasForward = true;
                    break;
                case ExtensionsParameter:
                    hasForward |= reader.Value.Contains(ChunkType.ForwardTsn);
                    hasReconfig |= reader.Value.Contains(ChunkType.Reconfig);
                    break;
                case var unknown when (unknown & 0x8000) == 0 && !IsKnown(unknown):
                    // The peer says: without understanding this one, read no further.
                    reader = new ChunkReader([]);
                    break;
                default:
                    break;
            }
        }

        chunk = new InitChunk
        {
            Tag = BinaryPrimitives.ReadUInt32BigEndian(value),
            Window = BinaryPrimitives.ReadUInt32BigEndian(value[4..]),
            OutboundStreams = BinaryPrimitives.ReadUInt16BigEndian(value[8..]),
            InboundStreams = BinaryPrimitives.ReadUInt16BigEndian(value[10..]),
            InitialTsn = BinaryPrimitives.ReadUInt32BigEndian(value[12..]),
            HasForwardTsn = hasForward,
            HasReconfig = hasReconfig,
            Cookie = cookie,
            Parameters = value[FixedBytes..],
        };
        return !reader.IsMalformed && chunk.Tag != 0 && chunk.OutboundStreams != 0 && chunk.InboundStreams != 0;
    }

    /// <summary>Writes the fixed fields and the parameters of our extensions.</summary>
    /// <returns>Bytes written: <see cref="FixedBytes"/> + <see cref="ExtensionsBytes"/>.</returns>
    public int Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, Tag);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], Window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], OutboundStreams);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], InboundStreams);
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], InitialTsn);
        ReadOnlySpan<byte> extensions = [0x80, 0x08, 0, 6, ChunkType.Reconfig, ChunkType.ForwardTsn, 0, 0, 0xC0, 0, 0, 4];
        extensions.CopyTo(value[FixedBytes..]);
        return FixedBytes + ExtensionsBytes;
    }

    /// <summary>Whether a parameter's meaning is known, or known not to matter here: addresses and their preferences, heartbeat details.</summary>
    public static bool IsKnown(ushort parameter) =>
        parameter is 1 or 5 or 6 or CookieParameter or UnrecognizedParameter or 9 or 11 or 12 or ExtensionsParameter or ForwardTsnParameter;
}
