using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Parley.Protocol.Stun;

/// <summary>MESSAGE-INTEGRITY of both kinds (RFC 8489, sections 14.5 and 14.6).</summary>
internal static class StunIntegrity
{
    /// <summary>Computes it over what stands before the attribute, as if the message ended with the attribute.</summary>
    /// <param name="signed">The message up to the attribute; its length field is overwritten.</param>
    /// <param name="key">The key.</param>
    /// <param name="isSha256">Which kind.</param>
    /// <param name="mac">Room for 32 bytes.</param>
    /// <returns>How many were written.</returns>
    [SuppressMessage("Security", "CA5350", Justification = "HMAC-SHA1 is what ICE and TURN speak; as a MAC it is not broken.")]
    public static int Compute(Span<byte> signed, ReadOnlySpan<byte> key, bool isSha256, Span<byte> mac)
    {
        var size = isSha256 ? HMACSHA256.HashSizeInBytes : HMACSHA1.HashSizeInBytes;
        BinaryPrimitives.WriteUInt16BigEndian(signed[2..], (ushort)(signed.Length - StunMessage.HeaderSize + 4 + size));
        return isSha256 ? HMACSHA256.HashData(key, signed, mac) : HMACSHA1.HashData(key, signed, mac);
    }
}
