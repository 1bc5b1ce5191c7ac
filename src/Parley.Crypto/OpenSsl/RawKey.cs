using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Parley.Crypto.OpenSsl;

/// <summary>What Ed25519 and X25519 keys share: 32 bytes each way, and PKCS#8 as RFC 8410 lays it out.</summary>
internal static unsafe class RawKey
{
    /// <summary>Length of a private key (seed), a public key and a shared secret in bytes.</summary>
    public const int Size = 32;

    private const string PemLabel = "PRIVATE KEY";

    /// <summary>PKCS#8 up to the key: SEQUENCE { version 0, SEQUENCE { 1.3.101.x }, OCTET STRING { OCTET STRING (32 bytes) } } (RFC 8410, section 7).</summary>
    private static ReadOnlySpan<byte> Pkcs8Prefix => [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x00, 0x04, 0x22, 0x04, 0x20];

    private const int AlgorithmOffset = 11;

    /// <summary>Makes a key from fresh random bytes; both algorithms take any 32 bytes as a private key.</summary>
    public static EvpKeyHandle Generate(int type)
    {
        Span<byte> seed = stackalloc byte[Size];
        try
        {
            RandomNumberGenerator.Fill(seed);
            return FromPrivate(type, seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Makes a key from its private 32 bytes.</summary>
    public static EvpKeyHandle FromPrivate(int type, ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, Size);
        fixed (byte* bytes = seed)
        {
            return Checked(LibCrypto.NewPrivateKey(type, 0, bytes, Size), "private key");
        }
    }

    /// <summary>Makes a public key from its 32 bytes.</summary>
    public static EvpKeyHandle FromPublic(int type, ReadOnlySpan<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, Size);
        fixed (byte* bytes = publicKey)
        {
            return Checked(LibCrypto.NewPublicKey(type, 0, bytes, Size), "public key");
        }
    }

    /// <summary>The public 32 bytes of a key.</summary>
    public static byte[] PublicOf(EvpKeyHandle key)
    {
        var publicKey = new byte[Size];
        nuint length = Size;
        fixed (byte* bytes = publicKey)
        {
            LibCrypto.Check(LibCrypto.GetPublicKey(key, bytes, ref length) == 1 && length == Size, "reading a public key");
        }

        return publicKey;
    }

    /// <summary>The key as PKCS#8 in PEM, ending in a line feed.</summary>
    public static string ExportPem(int type, EvpKeyHandle key)
    {
        Span<byte> der = stackalloc byte[Pkcs8Prefix.Length + Size];
        try
        {
            Pkcs8Prefix.CopyTo(der);
            der[AlgorithmOffset] = type == LibCrypto.Ed25519 ? (byte)0x70 : (byte)0x6e;
            nuint length = Size;
            fixed (byte* seed = der[Pkcs8Prefix.Length..])
            {
                LibCrypto.Check(LibCrypto.GetPrivateKey(key, seed, ref length) == 1 && length == Size, "reading a private key");
            }

            return PemEncoding.WriteString(PemLabel, der) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Reads the first PKCS#8 block of a PEM text.</summary>
    /// <exception cref="CryptographicException">No such block, not PKCS#8, or a key of another algorithm.</exception>
    public static EvpKeyHandle ImportPem(int type, string pem)
    {
        if (!PemEncoding.TryFind(pem, out var fields) || !pem.AsSpan()[fields.Label].SequenceEqual(PemLabel))
        {
            throw new CryptographicException("No PRIVATE KEY block was found in the PEM text.");
        }

        var der = new byte[fields.DecodedDataLength];
        try
        {
            if (!Convert.TryFromBase64Chars(pem.AsSpan()[fields.Base64Data], der, out var length))
            {
                throw new CryptographicException("The PEM text is not valid base64.");
            }

            return Import(type, der.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static EvpKeyHandle Import(int type, ReadOnlySpan<byte> der)
    {
        fixed (byte* start = der)
        {
            var next = start;
            var key = Checked(LibCrypto.ReadPrivateKey(0, ref next, new CLong(der.Length)), "the PKCS#8 structure");
            if (next == start + der.Length && LibCrypto.GetKeyType(key) == type)
            {
                return key;
            }

            key.Dispose();
            throw new CryptographicException("The PEM text holds a key of another kind.");
        }
    }

    private static EvpKeyHandle Checked(EvpKeyHandle key, string what)
    {
        if (key.IsInvalid)
        {
            key.Dispose();
            LibCrypto.Check(false, what);
        }

        return key;
    }
}
