using System.Buffers.Binary;

namespace Parley.Crypto.Dtls;

/// <summary>Looks at a datagram before OpenSSL does: OpenSSL ends a connection for a protected record that is too short for nonce and tag, where RFC 6347, section 4.1.2.7, wants it dropped; anybody can send one.</summary>
/// <remarks>Record header, big endian: type (1) | version (2) | epoch (2) | sequence number (6) | length (2), RFC 6347, section 4.1.</remarks>
internal static class RecordSieve
{
    private const int HeaderBytes = 13;
    private const int VersionAt = 1;
    private const int EpochAt = 3;
    private const int LengthAt = 11;
    private const int NonceBytes = 8;
    private const int TagBytes = 16;
    private const int MaxRecordBytes = DtlsConnection.MaxPlaintext + NonceBytes + TagBytes;
    private const ushort Version12 = 0xFEFD;
    private const ushort FirstChaCha = 0xCCA8; // RFC 7905: no nonce in the record.
    private const ushort LastChaCha = 0xCCAE;

    /// <summary>How many bytes at the start of a datagram are whole records that OpenSSL may see; the rest is to be dropped.</summary>
    /// <param name="datagram">What came.</param>
    /// <param name="suite">The suite of the connection; 0 while there is none.</param>
    public static int Sift(ReadOnlySpan<byte> datagram, ushort suite)
    {
        var at = 0;
        while (datagram.Length - at >= HeaderBytes)
        {
            var header = datagram.Slice(at, HeaderBytes);
            var length = BinaryPrimitives.ReadUInt16BigEndian(header[LengthAt..]);
            var isProtected = BinaryPrimitives.ReadUInt16BigEndian(header[EpochAt..]) > 0;

            // Behind a header that OpenSSL does not like it takes the next bytes for a header, not the next record.
            var isOther = suite != 0 && BinaryPrimitives.ReadUInt16BigEndian(header[VersionAt..]) != Version12;
            if (isOther || length > Math.Min(datagram.Length - at - HeaderBytes, MaxRecordBytes) || (isProtected && length < LeastBytes(suite)))
            {
                break;
            }

            at += HeaderBytes + length;
        }

        return at;
    }

    // Before the suite is known the longer: what a handshake protects is its Finished.
    private static int LeastBytes(ushort suite) => suite is >= FirstChaCha and <= LastChaCha ? TagBytes : NonceBytes + TagBytes;
}
