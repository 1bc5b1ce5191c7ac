using System.Buffers;
using System.Text;
using Google.Protobuf;
using Parley.Protocol.Formats;
using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>One stream of an answer: keeps what fits under the cap, says once that the rest was cut, and knows the running offset.</summary>
internal sealed class OutputBuffer(PartStream stream, int cap)
{
    private ArrayBufferWriter<byte>? _kept;

    /// <summary>True once bytes were left out.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Bytes kept so far, the marker included.</summary>
    public int Length => _kept?.WrittenCount ?? 0;

    /// <summary>Adds bytes; returns the part to stream, or null when nothing new is kept.</summary>
    /// <param name="bytes">The next bytes. Text is cut between characters, not within one.</param>
    public Part? Add(ReadOnlySpan<byte> bytes)
    {
        if (IsCut || bytes.IsEmpty)
        {
            return null;
        }

        _kept ??= new ArrayBufferWriter<byte>();
        var offset = Length;
        var room = cap - offset;
        if (bytes.Length <= room)
        {
            _kept.Write(bytes);
        }
        else
        {
            IsCut = true;
            _kept.Write(bytes[..CharacterBoundary(bytes, room)]);
            _kept.Write(Marker());
        }

        return new Part { Stream = stream, Offset = (ulong)offset, Data = ByteString.CopyFrom(_kept.WrittenSpan[offset..]) };
    }

    /// <summary>Everything kept.</summary>
    public ByteString ToByteString() => _kept is null ? ByteString.Empty : ByteString.CopyFrom(_kept.WrittenSpan);

    /// <summary>The last byte kept, null when empty.</summary>
    public byte? LastByte => _kept is null || Length == 0 ? null : _kept.WrittenSpan[^1];

    private static int CharacterBoundary(ReadOnlySpan<byte> bytes, int room)
    {
        // A character has three further bytes at most; more of their kind in a row are no text.
        for (var boundary = room; boundary >= Math.Max(0, room - 3); boundary--)
        {
            if ((bytes[boundary] & 0xC0) != 0x80)
            {
                return boundary;
            }
        }

        return room;
    }

    // A line of its own, whatever came before it.
    private byte[] Marker()
    {
        var newLine = LastByte is not (null or (byte)'\n') ? "\n" : string.Empty;
        return Encoding.UTF8.GetBytes($"{newLine}[parley: output cut at {SizeText.Format(cap)}]\n");
    }
}
