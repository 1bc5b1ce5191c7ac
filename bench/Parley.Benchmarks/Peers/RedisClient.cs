using Parley.Benchmarks.Frames;
using Parley.Client.Load;
using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Parley.Benchmarks.Peers;

/// <summary>A small Redis client over RESP3: password, TLS, and request-reply over publish-subscribe.</summary>
/// <remarks>
/// Redis has no reply address, so the payload carries it.
/// Request: length of the inbox channel (1) | the channel | slot, big endian (4) | content. Reply: slot (4) | content.
/// </remarks>
internal sealed class RedisClient : BatchedConnection, IRequester
{
    private const int SlotBytes = 4;
    private const int MaxHeaderBytes = 64;

    private readonly PendingReplies _pending = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _inbox = [];
    private int _awaitedReplies;

    private RedisClient(Socket socket, int inputBytes)
        : base(socket, inputBytes)
    {
    }

    /// <summary>Connects, signs in and waits until the server has taken the subscription.</summary>
    /// <param name="server">Where, with what credentials.</param>
    /// <param name="inbox">Replies arrive on this channel; null for a client that never asks.</param>
    /// <param name="service">Requests on this channel are answered with their own content; null for none.</param>
    /// <param name="inputBytes">First size of the input buffer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RedisClient> ConnectAsync(
        PeerAddress server, string? inbox, string? service, int inputBytes, CancellationToken cancellationToken)
    {
        var client = new RedisClient(await ConnectAsync(server.Port, cancellationToken), inputBytes);
        try
        {
            await client.OpenAsync(server, inbox, service, cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> RequestAsync(string target, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var slot = _pending.Take();
        var reply = slot.Reply;
        Span<byte> header = stackalloc byte[1 + _inbox.Length + SlotBytes];
        header[0] = (byte)_inbox.Length;
        _inbox.CopyTo(header[1..]);
        BinaryPrimitives.WriteInt32BigEndian(header[(1 + _inbox.Length)..], slot.Number);
        Span<byte> channel = stackalloc byte[target.Length * 3];
        Publish(channel[..Encoding.UTF8.GetBytes(target, channel)], header, payload.Span);
        return reply;
    }

    /// <inheritdoc/>
    protected override int Handle(ReadOnlySpan<byte> input)
    {
        var taken = 0;
        while (RespFrame.TryRead(input[taken..], out var frame, out var length))
        {
            taken += length;
            switch (frame.Kind)
            {
                case RespFrameKind.Message when frame.Channel.SequenceEqual(_inbox):
                    _pending.Complete(BinaryPrimitives.ReadInt32BigEndian(frame.Payload), frame.Payload[SlotBytes..]);
                    break;
                case RespFrameKind.Message:
                    Answer(frame.Payload);
                    break;
                case RespFrameKind.Error:
                    throw new InvalidDataException("Redis said " + Encoding.UTF8.GetString(frame.Payload));
                default:
                    if (--_awaitedReplies == 0)
                    {
                        _ready.TrySetResult();
                    }

                    break;
            }
        }

        return taken;
    }

    /// <inheritdoc/>
    protected override void OnClosed(Exception? failure)
    {
        _ready.TrySetException(failure ?? new IOException("The connection was closed."));
        _pending.Close(failure);
    }

    private static int Copy(ReadOnlySpan<byte> bytes, Span<byte> span, int at)
    {
        bytes.CopyTo(span[at..]);
        return at + bytes.Length;
    }

    private static int StringHeader(int length, Span<byte> span, int at)
    {
        span[at++] = (byte)'$';
        Utf8Formatter.TryFormat(length, span[at..], out var written);
        return Copy("\r\n"u8, span, at + written);
    }

    private void Answer(ReadOnlySpan<byte> request)
    {
        var inbox = request.Slice(1, request[0]);
        var rest = request[(1 + request[0])..];
        Publish(inbox, rest[..SlotBytes], rest[SlotBytes..]);
    }

    private void Publish(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> header, ReadOnlySpan<byte> content)
    {
        var writer = BeginWrite();
        var span = writer.GetSpan(MaxHeaderBytes + channel.Length + header.Length + content.Length);
        var at = Copy("*3\r\n$7\r\nPUBLISH\r\n"u8, span, 0);
        at = StringHeader(channel.Length, span, at);
        at = Copy(channel, span, at);
        at = Copy("\r\n"u8, span, at);
        at = StringHeader(header.Length + content.Length, span, at);
        at = Copy(header, span, at);
        at = Copy(content, span, at);
        writer.Advance(Copy("\r\n"u8, span, at));
        EndWrite();
    }

    private async Task OpenAsync(PeerAddress server, string? inbox, string? service, CancellationToken cancellationToken)
    {
        if (server.Certificate is { } certificate)
        {
            await UpgradeAsync(certificate, cancellationToken);
        }

        _inbox = Encoding.UTF8.GetBytes(inbox ?? "");
        var channel = inbox ?? service ?? throw new ArgumentException("A client asks or answers.");
        _awaitedReplies = 2;
        var opening = string.Create(CultureInfo.InvariantCulture,
            $"*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n${server.User.Length}\r\n{server.User}\r\n${server.Password.Length}\r\n{server.Password}\r\n*2\r\n$9\r\nSUBSCRIBE\r\n${channel.Length}\r\n{channel}\r\n");
        await Stream.WriteAsync(Encoding.UTF8.GetBytes(opening), cancellationToken);
        StartReading();
        await _ready.Task.WaitAsync(cancellationToken);
    }
}
