using System.Buffers.Binary;
using Parley.Protocol.Messaging;

namespace Parley.Protocol.Stun;

/// <summary>96 random bits that join a request and its answer; whoever cannot see the request cannot forge the answer.</summary>
public readonly record struct StunTransactionId
{
    /// <summary>Its length in bytes.</summary>
    public const int Size = 12;

    private readonly ulong _head;
    private readonly uint _tail;

    private StunTransactionId(ulong head, uint tail) => (_head, _tail) = (head, tail);

    /// <summary>A new one.</summary>
    public static StunTransactionId Make(FillRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[Size];
        random(bytes);
        return Read(bytes);
    }

    /// <summary>The one in the first twelve bytes.</summary>
    public static StunTransactionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    /// <summary>Writes twelve bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _head);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], _tail);
    }

    /// <summary>In hexadecimal, for people.</summary>
    public override string ToString() => $"{_head:x16}{_tail:x8}";
}
