using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp.Linux;

/// <summary>A bound socket with batched calls.</summary>
/// <remarks>
/// Datagrams may be cut on the way (IP_PMTUDISC_DONT), but for probes: these go with DF whatever the kernel thinks of the path (IP_PMTUDISC_PROBE, RFC 8899, section 4.5).
/// Where the kernel does not cut a buffer into datagrams (EIO: the interface computes no checksums; EINVAL: the datagrams are longer than its MTU), that is learnt and they go one by one.
/// </remarks>
internal sealed unsafe class LinuxUdpSocket : IUdpSocket
{
    /// <summary>Entries that one call takes.</summary>
    public const int MaxAtOnce = 64;

    private const int IpLevel = 0;
    private const int IpMtuDiscover = 10;
    private const int Ip6Level = 41;
    private const int Ip6MtuDiscover = 23;
    private const int NeverWhole = 0;
    private const int WholeAsProbe = 3;

    private readonly Socket _socket;
    private readonly LinuxMemory _receiving;
    private readonly LinuxMemory _sending;
    private readonly uint _scope;
    private readonly bool _isJoined;

    /// <summary>Opens and binds it.</summary>
    public LinuxUdpSocket(IPEndPoint local, UdpOptions options, LinuxMemory receiving, LinuxMemory sending)
    {
        (_receiving, _sending) = (receiving, sending);
        _socket = BoundSocket.Open(local, options);
        try
        {
            Local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
            _scope = local.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)local.Address.ScopeId : 0;
            File = (int)_socket.SafeHandle.DangerousGetHandle();
            SetDiscovery(NeverWhole);
            _isJoined = options.IsSegmentationAllowed && TrySet(LibC.SolUdp, LibC.UdpGro, 1);

            // A kernel that knows the option at all sets it to "none"; what an interface refuses shows when something is sent.
            MaxSegmentBytes = options.IsSegmentationAllowed && TrySet(LibC.SolUdp, LibC.UdpSegment, 0) ? SendBatch.MaxDatagram : 0;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public TransportAddress Local { get; }

    /// <inheritdoc/>
    public bool IsReadable { get; private set; }

    /// <inheritdoc/>
    public bool IsWritable { get; private set; }

    /// <inheritdoc/>
    public bool IsBlocked { get; set; }

    /// <inheritdoc/>
    public int MaxSegmentBytes { get; private set; }

    /// <summary>The system's number of it.</summary>
    public int File { get; }

    /// <summary>What the last poll said.</summary>
    public void OnPolled(short got)
    {
        IsReadable = (got & ~LibC.PollOut) != 0;
        IsWritable = (got & ~LibC.PollIn) != 0;
    }

    /// <inheritdoc/>
    public int Receive(ReceiveBatch batch)
    {
        fixed (byte* bytes = batch.Buffer)
        {
            for (var slot = 0; slot < ReceiveBatch.Slots; slot++)
            {
                _receiving.Vectors[slot] = new LibC.Vector { Bytes = bytes + (slot * ReceiveBatch.SlotBytes), Length = ReceiveBatch.SlotBytes };
                ref var header = ref _receiving.Headers[slot];
                header.NameLength = LinuxMemory.AddressBytes;
                header.Control = _isJoined ? _receiving.ControlOf(slot) : null;
                header.ControlLength = _isJoined ? (nuint)LinuxMemory.ControlBytes : 0;
            }

            int count;
            while ((count = LibC.ReceiveMany(File, _receiving.Headers, ReceiveBatch.Slots, LibC.MsgDontWait, null)) < 0)
            {
                if (Marshal.GetLastPInvokeError() != LibC.EIntr)
                {
                    // Nothing there, or word of a datagram that arrived nowhere: neither is of use here.
                    return 0;
                }
            }

            for (var slot = 0; slot < count; slot++)
            {
                ref var header = ref _receiving.Headers[slot];
                batch.Lengths[slot] = (header.Flags & LibC.MsgTruncated) != 0 ? 0 : (int)header.Length;
                batch.SegmentBytes[slot] = SegmentBytesOf(ref header);
                batch.Remotes[slot] = _receiving.ReadAddress(slot);
            }

            return count;
        }
    }

    /// <inheritdoc/>
    public (int Sent, SendError Error) Send(SendBatch batch, int first, int count)
    {
        var sent = 0;
        while (sent < count)
        {
            var isProbe = batch[first + sent].IsProbe;
            var run = 1;
            while (!isProbe && sent + run < count && run < MaxAtOnce && !batch[first + sent + run].IsProbe)
            {
                run++;
            }

            if (isProbe)
            {
                SetDiscovery(WholeAsProbe);
            }

            var done = SendRun(batch, first + sent, run, out var error);
            if (isProbe)
            {
                SetDiscovery(NeverWhole);
            }

            sent += done;
            if (error == SendError.NotSegmented)
            {
                MaxSegmentBytes = Math.Min(MaxSegmentBytes, batch[first + sent].SegmentBytes - 1);
                error = SendSegments(batch.Buffer, ref batch[first + sent]);
                sent += error == SendError.None ? 1 : 0;
            }

            if (error != SendError.None)
            {
                return (sent, error);
            }
        }

        return (sent, SendError.None);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static int SegmentBytesOf(ref LibC.ManyHeader header)
    {
        if (header.ControlLength >= (nuint)sizeof(LibC.ControlHeader) + sizeof(int))
        {
            var control = (LibC.ControlHeader*)header.Control;
            if (control->Level == LibC.SolUdp && control->Type == LibC.UdpGro)
            {
                return Math.Max(1, *(int*)(control + 1));
            }
        }

        return (int)header.Length;
    }

    private static SendError ErrorOf(int error, bool isSegmented) => error switch
    {
        LibC.EAgain or LibC.ENoBufs => SendError.Blocked,
        LibC.EIo or LibC.EInval or LibC.EMsgSize or LibC.ENoProtoOpt when isSegmented => SendError.NotSegmented,
        LibC.EMsgSize => SendError.TooLong,
        LibC.ENetUnreach or LibC.EHostUnreach or LibC.ENetDown => SendError.NoRoute,
        LibC.EPerm or LibC.EAcces => SendError.NotPermitted,
        _ => SendError.Failed,
    };

    private int SendRun(SendBatch batch, int first, int count, out SendError error)
    {
        fixed (byte* bytes = batch.Buffer)
        {
            for (var index = 0; index < count; index++)
            {
                Prepare(index, ref batch[first + index], bytes);
            }

            var sent = SendPrepared(count, out var code);
            error = code == 0 ? SendError.None : ErrorOf(code, batch[first + sent].Segments > 1);
            return sent;
        }
    }

    /// <summary>Sends one by one what the kernel does not cut. What was sent is taken off the entry.</summary>
    private SendError SendSegments(byte[] buffer, ref SendEntry entry)
    {
        fixed (byte* bytes = buffer)
        {
            for (var index = 0; index < entry.Segments; index++)
            {
                var offset = index * entry.SegmentBytes;
                Prepare(index, bytes + entry.Offset + offset, Math.Min(entry.SegmentBytes, entry.Length - offset), entry.Remote);
            }

            var sent = SendPrepared(entry.Segments, out var code);
            entry.Segments -= sent;
            entry.Offset += sent * entry.SegmentBytes;
            entry.Length -= sent * entry.SegmentBytes;
            return code == 0 ? SendError.None : ErrorOf(code, isSegmented: false);
        }
    }

    private int SendPrepared(int count, out int code)
    {
        code = 0;
        var sent = 0;
        while (sent < count && code == 0)
        {
            var now = LibC.SendMany(File, _sending.Headers + sent, (uint)(count - sent), LibC.MsgDontWait);
            if (now >= 0)
            {
                sent += now;
            }
            else if (Marshal.GetLastPInvokeError() is var error && error != LibC.EIntr)
            {
                code = error;
            }
        }

        return sent;
    }

    private void Prepare(int index, byte* bytes, int length, TransportAddress remote)
    {
        _sending.Vectors[index] = new LibC.Vector { Bytes = bytes, Length = (nuint)length };
        ref var header = ref _sending.Headers[index];
        header.NameLength = _sending.WriteAddress(index, remote, _scope);
        header.Control = null;
        header.ControlLength = 0;
    }

    private void Prepare(int index, ref SendEntry entry, byte* bytes)
    {
        Prepare(index, bytes + entry.Offset, entry.Length, entry.Remote);
        ref var header = ref _sending.Headers[index];
        if (entry.Segments == 1)
        {
            return;
        }

        var control = (LibC.ControlHeader*)_sending.ControlOf(index);
        *control = new LibC.ControlHeader { Length = (nuint)sizeof(LibC.ControlHeader) + sizeof(ushort), Level = LibC.SolUdp, Type = LibC.UdpSegment };
        *(ushort*)(control + 1) = (ushort)entry.SegmentBytes;
        header.Control = control;
        header.ControlLength = LinuxMemory.ControlBytes;
    }

    private void SetDiscovery(int mode) => TrySet(Local.IsIPv6 ? Ip6Level : IpLevel, Local.IsIPv6 ? Ip6MtuDiscover : IpMtuDiscover, mode);

    private bool TrySet(int level, int name, int value)
    {
        try
        {
            _socket.SetRawSocketOption(level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
