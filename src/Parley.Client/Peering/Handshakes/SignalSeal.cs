using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering.Handshakes;

/// <summary>Seals what one end of a session says, or opens it at the other: AES-256-GCM with a counter, so that nothing is read, changed, repeated or put out of order.</summary>
/// <remarks>
/// Nonce: 12 bytes of the key derivation, the last 8 exclusive-or the counter (big endian); the session's id and the counter are authenticated beside the content.
/// Counters begin at 1 and must grow. One that was skipped is a signal that got lost with a link; one that does not grow is refused.
/// One instance seals or opens, never both. Not safe from several threads.
/// </remarks>
internal sealed class SignalSeal : IDisposable
{
    /// <summary>Length of the key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>Length of the nonce in bytes.</summary>
    public const int NonceSize = 12;

    private const int TagSize = 16;

    /// <summary>Signals under one key; a session that needs more has another handshake.</summary>
    private const ulong MaxCounter = 1UL << 32;

    private readonly AesGcm _cipher;
    private readonly byte[] _nonce;
    private readonly byte[] _session;
    private ulong _counter;

    /// <summary>A seal that was not used.</summary>
    public SignalSeal(byte[] key, byte[] nonce, ReadOnlySpan<byte> session)
    {
        _cipher = new AesGcm(key, TagSize);
        _nonce = nonce;
        _session = session.ToArray();
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Seals the next signal.</summary>
    public SealedSignal Seal(ReadOnlySpan<byte> content)
    {
        if (_counter >= MaxCounter)
        {
            throw new ParleyException(ErrorCode.Conflict, "The session has said all that its key is good for: open another.");
        }

        var counter = ++_counter;
        var bytes = new byte[content.Length + TagSize];
        _cipher.Encrypt(NonceOf(counter), content, bytes.AsSpan(0, content.Length), bytes.AsSpan(content.Length), AssociatedOf(counter));
        return new SealedSignal { Counter = counter, Sealed = UnsafeByteOperations.UnsafeWrap(bytes) };
    }

    /// <summary>Opens a signal.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>: repeated, out of order, changed, or not the other end's.</exception>
    public byte[] Open(SealedSignal signal)
    {
        if (signal.Counter <= _counter || signal.Counter > MaxCounter || signal.Sealed.Length < TagSize)
        {
            throw Refused();
        }

        var content = new byte[signal.Sealed.Length - TagSize];
        try
        {
            _cipher.Decrypt(NonceOf(signal.Counter), signal.Sealed.Span[..content.Length], signal.Sealed.Span[content.Length..], content, AssociatedOf(signal.Counter));
        }
        catch (CryptographicException)
        {
            throw Refused();
        }

        _counter = signal.Counter;
        return content;
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private static ParleyException Refused() => new(ErrorCode.PeerProof, "A signal was repeated, put out of order or changed on its way.");

    private byte[] NonceOf(ulong counter)
    {
        var nonce = (byte[])_nonce.Clone();
        var last = nonce.AsSpan(NonceSize - sizeof(ulong));
        BinaryPrimitives.WriteUInt64BigEndian(last, BinaryPrimitives.ReadUInt64BigEndian(last) ^ counter);
        return nonce;
    }

    private byte[] AssociatedOf(ulong counter)
    {
        var bytes = new byte[_session.Length + sizeof(ulong)];
        _session.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(_session.Length), counter);
        return bytes;
    }
}
