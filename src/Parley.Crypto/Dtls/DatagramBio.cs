using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Dtls;

/// <summary>What lies between OpenSSL and datagrams: the one that came in, and those that go out, each whole. Native memory, which goes with its BIO.</summary>
/// <remarks>
/// A read takes the whole datagram that was lent, or says "later"; a write is one datagram: into the memory that the caller of a write lent, else into the
/// queue, as length (2) and bytes. A full queue drops, as a network would: handshakes repeat what is lost.
/// </remarks>
internal unsafe struct DatagramBio
{
    private const int QueueBytes = 16 << 10;
    private const int LengthBytes = sizeof(ushort);

    private static readonly nint _method = MakeMethod();

    private byte* _incoming;
    private int _incomingLength;
    private byte* _outgoing;
    private int _outgoingRoom;
    private int _outgoingLength;
    private int _queueStart;
    private int _queueEnd;
    private uint _firstTimeout;
    private uint _lastTimeout;
    private fixed byte _queue[QueueBytes];

    /// <summary>Bytes lent by <see cref="Lend"/> were not read yet.</summary>
    public readonly bool HasIncoming => _incomingLength > 0;

    /// <summary>Makes a BIO and the state behind it; both are freed when the BIO is.</summary>
    /// <param name="firstTimeout">Microseconds before a flight of the handshake is sent again.</param>
    /// <param name="lastTimeout">Microseconds that this doubles up to.</param>
    /// <param name="state">The state.</param>
    /// <returns>The BIO.</returns>
    public static nint Make(uint firstTimeout, uint lastTimeout, out DatagramBio* state)
    {
        var bio = LibCrypto.NewBio(_method);
        LibCrypto.Check(bio != 0, "making a BIO");
        state = (DatagramBio*)NativeMemory.AllocZeroed((nuint)sizeof(DatagramBio));
        (state->_firstTimeout, state->_lastTimeout) = (firstTimeout, lastTimeout);
        LibDtls.SetBioData(bio, (nint)state);
        return bio;
    }

    /// <summary>How long to wait for an answer to a flight, for <c>DTLS_set_timer_cb</c>.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static uint NextTimeout(nint ssl, uint before)
    {
        var state = Of(LibDtls.GetInput(ssl));
        return before == 0 ? state->_firstTimeout : Math.Min(before * 2, state->_lastTimeout);
    }

    /// <summary>Lends a datagram to be read; take it back before the memory moves.</summary>
    public void Lend(byte* datagram, int length)
    {
        _incoming = datagram;
        _incomingLength = length;
    }

    /// <summary>Lends memory that the next datagram goes into.</summary>
    public void LendRoom(byte* room, int length)
    {
        _outgoing = room;
        (_outgoingRoom, _outgoingLength) = (length, 0);
    }

    /// <summary>Takes the memory back.</summary>
    /// <returns>Bytes of the datagram in it; 0 = none.</returns>
    public int TakeRoomBack()
    {
        _outgoing = null;
        return _outgoingLength;
    }

    /// <summary>Takes the oldest datagram out of the queue.</summary>
    /// <returns>Its length; 0 = there is none.</returns>
    public int Dequeue(Span<byte> destination)
    {
        if (_queueStart == _queueEnd)
        {
            return 0;
        }

        fixed (byte* queue = _queue)
        {
            var rest = new ReadOnlySpan<byte>(queue, _queueEnd)[_queueStart..];
            var length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            rest.Slice(LengthBytes, length).CopyTo(destination);
            _queueStart += LengthBytes + length;
            if (_queueStart == _queueEnd)
            {
                _queueStart = _queueEnd = 0;
            }

            return length;
        }
    }

    private int Take(byte* destination, int length)
    {
        // What does not fit is lost, as it is with a socket.
        var count = Math.Min(length, _incomingLength);
        Buffer.MemoryCopy(_incoming, destination, length, count);
        Lend(null, 0);
        return count;
    }

    private void Put(byte* source, int length)
    {
        if (_outgoing != null && _outgoingLength == 0)
        {
            if (length <= _outgoingRoom)
            {
                Buffer.MemoryCopy(source, _outgoing, _outgoingRoom, length);
                _outgoingLength = length;
            }

            return;
        }

        if (length > ushort.MaxValue || _queueEnd + LengthBytes + length > QueueBytes)
        {
            return;
        }

        fixed (byte* queue = _queue)
        {
            var end = new Span<byte>(queue, QueueBytes)[_queueEnd..];
            BinaryPrimitives.WriteUInt16LittleEndian(end, (ushort)length);
            new ReadOnlySpan<byte>(source, length).CopyTo(end[LengthBytes..]);
        }

        _queueEnd += LengthBytes + length;
    }

    private static DatagramBio* Of(nint bio) => (DatagramBio*)LibDtls.GetBioData(bio);

    // Made once and never freed: every connection uses it until the process ends.
    private static nint MakeMethod()
    {
        var name = "parley datagrams\0"u8;
        fixed (byte* start = name)
        {
            var method = LibDtls.NewBioMethod(LibDtls.NewBioType() | LibDtls.SourceSink, start);
            LibCrypto.Check(
                method != 0 && LibDtls.SetRead(method, &Read) == 1 && LibDtls.SetWrite(method, &Write) == 1 && LibDtls.SetControl(method, &Control) == 1
                && LibDtls.SetDestroy(method, &Destroy) == 1,
                "making a kind of BIO");
            return method;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint bio, byte* destination, int length)
    {
        var state = Of(bio);
        LibDtls.ClearBioFlags(bio, LibDtls.RetryFlags);
        if (state->HasIncoming)
        {
            return state->Take(destination, length);
        }

        LibDtls.SetBioFlags(bio, LibDtls.ShouldRetryRead);
        return -1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint bio, byte* source, int length)
    {
        Of(bio)->Put(source, length);
        return length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CLong Control(nint bio, int command, CLong number, void* argument) =>
        new(command is LibDtls.Flush or LibDtls.SetNextTimeout ? 1 : 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Destroy(nint bio)
    {
        NativeMemory.Free(Of(bio));
        return 1;
    }
}
