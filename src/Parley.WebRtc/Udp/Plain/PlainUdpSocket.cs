using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp.Plain;

/// <summary>A bound socket with one call for each datagram.</summary>
internal sealed class PlainUdpSocket : IUdpSocket
{
    private readonly SocketAddress _sender;
    private readonly SocketAddress _target;

    /// <summary>Opens and binds it.</summary>
    public PlainUdpSocket(IPEndPoint local, UdpOptions options)
    {
        Inner = BoundSocket.Open(local, options);
        Inner.Blocking = false;
        _sender = new SocketAddress(local.AddressFamily);
        _target = ((IPEndPoint)Inner.LocalEndPoint!).Serialize();
        Local = TransportAddress.From((IPEndPoint)Inner.LocalEndPoint!);
        SetWhole(false);
    }

    /// <inheritdoc/>
    public TransportAddress Local { get; }

    /// <inheritdoc/>
    public bool IsReadable { get; set; }

    /// <inheritdoc/>
    public bool IsWritable { get; set; }

    /// <inheritdoc/>
    public bool IsBlocked { get; set; }

    /// <inheritdoc/>
    public int MaxSegmentBytes => 0;

    /// <summary>The system's.</summary>
    public Socket Inner { get; }

    /// <inheritdoc/>
    public int Receive(ReceiveBatch batch)
    {
        var count = 0;
        try
        {
            while (count < ReceiveBatch.Slots && Inner.Poll(TimeSpan.Zero, SelectMode.SelectRead))
            {
                var length = Inner.ReceiveFrom(batch.Buffer.AsSpan(count * ReceiveBatch.SlotBytes, ReceiveBatch.SlotBytes), SocketFlags.None, _sender);
                (batch.Lengths[count], batch.SegmentBytes[count], batch.Remotes[count]) = (length, Math.Max(1, length), Read(_sender));
                count++;
            }
        }
        catch (SocketException)
        {
            // Nothing more there, or word of a datagram that arrived nowhere: neither is of use here.
        }

        return count;
    }

    /// <inheritdoc/>
    public (int Sent, SendError Error) Send(SendBatch batch, int first, int count)
    {
        for (var sent = 0; sent < count; sent++)
        {
            ref var entry = ref batch[first + sent];
            Write(entry.Remote);
            try
            {
                if (entry.IsProbe)
                {
                    SetWhole(true);
                }

                Inner.SendTo(batch.Buffer.AsSpan(entry.Offset, entry.Length), SocketFlags.None, _target);
            }
            catch (SocketException exception)
            {
                return (sent, ErrorOf(exception.SocketErrorCode));
            }
            finally
            {
                if (entry.IsProbe)
                {
                    SetWhole(false);
                }
            }
        }

        return (count, SendError.None);
    }

    /// <inheritdoc/>
    public void Dispose() => Inner.Dispose();

    private static SendError ErrorOf(SocketError error) => error switch
    {
        SocketError.WouldBlock or SocketError.IOPending or SocketError.NoBufferSpaceAvailable => SendError.Blocked,
        SocketError.MessageSize => SendError.TooLong,
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown => SendError.NoRoute,
        SocketError.AccessDenied or SocketError.OperationNotSupported => SendError.NotPermitted,
        _ => SendError.Failed,
    };

    private static TransportAddress Read(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        return TransportAddress.From(address.Family == AddressFamily.InterNetwork ? bytes.Slice(4, 4) : bytes.Slice(8, 16), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
    }

    /// <summary>Family and scope stay those of our own address.</summary>
    private void Write(TransportAddress remote)
    {
        var bytes = _target.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], remote.Port);
        remote.WriteAddress(remote.IsIPv6 ? bytes[8..] : bytes[4..]);
    }

    private void SetWhole(bool isWhole)
    {
        try
        {
            Inner.DontFragment = isWhole;
        }
        catch (SocketException)
        {
            // Not on every system for IPv6: a probe that is cut on the way finds a size that works all the same.
        }
    }
}
