using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>Builds the bytes that an identity key signs: a purpose, NUL, then fields that say their own length.</summary>
/// <remarks>
/// Layout: purpose (ASCII) | 0x00 | for each field: length (u16, big endian) | bytes. The purpose keeps a signature made for one thing from serving another;
/// the lengths keep two different lists of fields from giving the same bytes. Fields have a fixed order per purpose and are never optional: an absent one is empty.
/// </remarks>
internal sealed class SignedFields
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Starts with the purpose.</summary>
    public SignedFields(string purpose)
    {
        _bytes.Write(Encoding.ASCII.GetBytes(purpose));
        _bytes.Write<byte>([0]);
    }

    /// <summary>Adds bytes, at most 65,535.</summary>
    public SignedFields Add(ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)field.Length));
        _bytes.Write(length);
        _bytes.Write(field);
        return this;
    }

    /// <summary>Adds text as UTF-8.</summary>
    public SignedFields Add(string field) => Add(Encoding.UTF8.GetBytes(field));

    /// <summary>Adds a number as a field of one byte.</summary>
    public SignedFields Add(byte field) => Add([field]);

    /// <summary>Adds a number as a field of four bytes, big endian.</summary>
    public SignedFields Add(uint field)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, field);
        return Add(bytes);
    }

    /// <summary>Adds a number as a field of eight bytes, big endian.</summary>
    public SignedFields Add(ulong field)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, field);
        return Add(bytes);
    }

    /// <summary>Adds bytes that must have exactly this length, since the far end chose them.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>.</exception>
    public SignedFields AddExactly(int length, ReadOnlySpan<byte> field, string what) =>
        field.Length == length ? Add(field) : throw new ParleyException(ErrorCode.ProtocolViolation, $"The {what} must be {length} bytes.");

    /// <summary>Adds a SHA-256 hash, or an empty field where there is nothing to hash.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>.</exception>
    public SignedFields AddHashOrNothing(ReadOnlySpan<byte> field, string what) =>
        field.IsEmpty ? Add(field) : AddExactly(SpkiPin.HashSize, field, what);

    /// <summary>All that was added.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
