using Parley.Benchmarks.Frames;
using Parley.Client.Load;
using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Parley.Benchmarks.Peers;

/// <summary>A small NATS client: user and password, TLS, subscribe, publish, and request-reply over one private inbox.</summary>
internal sealed class NatsClient : BatchedConnection, IRequester
{
    private const int InboxSid = 1;
    private const int ServiceSid = 2;
    private const int MaxNumberLength = 11;

    private readonly PendingReplies _pending = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _inbox = [];

    private NatsClient(Socket socket, int inputBytes)
        : base(socket, inputBytes)
    {
    }

    /// <summary>Connects, signs in and waits until the server has taken the subscriptions.</summary>
    /// <param name="server">Where, with what credentials.</param>
    /// <param name="inbox">Replies arrive under this subject; null for a client that never asks.</param>
    /// <param name="service">Requests to this subject are answered with their own payload; null for none.</param>
    /// <param name="inputBytes">First size of the input buffer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<NatsClient> ConnectAsync(
        PeerAddress server, string? inbox, string? service, int inputBytes, CancellationToken cancellationToken)
    {
        var client = new NatsClient(await ConnectAsync(server.Port, cancellationToken), inputBytes);
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
        var writer = BeginWrite();
        try
        {
            var span = writer.GetSpan(4 + (target.Length * 3) + 1 + _inbox.Length + (2 * MaxNumberLength) + 3 + payload.Length + 2);
            var at = Copy("PUB "u8, span, 0);
            at += Encoding.UTF8.GetBytes(target, span[at..]);
            span[at++] = (byte)' ';
            at = Copy(_inbox, span, at);
            at = Number(slot.Number, span, at);
            span[at++] = (byte)' ';
            writer.Advance(Finish(payload.Span, span, at));
        }
        finally
        {
            EndWrite();
        }

        return reply;
    }

    /// <inheritdoc/>
    protected override int Handle(ReadOnlySpan<byte> input)
    {
        var taken = 0;
        while (NatsFrame.TryRead(input[taken..], out var frame, out var length))
        {
            taken += length;
            switch (frame.Kind)
            {
                case NatsFrameKind.Message when frame.Sid == InboxSid:
                    CompleteRequest(in frame);
                    break;
                case NatsFrameKind.Message when frame.ReplyTo.Length > 0:
                    Publish(frame.ReplyTo, frame.Payload);
                    break;
                case NatsFrameKind.Ping:
                    Write("PONG\r\n"u8);
                    break;
                case NatsFrameKind.Pong:
                    _ready.TrySetResult();
                    break;
                case NatsFrameKind.Error:
                    throw new InvalidDataException("NATS said " + Encoding.UTF8.GetString(frame.Payload));
                default:
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

    private static int Number(int number, Span<byte> span, int at)
    {
        Utf8Formatter.TryFormat(number, span[at..], out var written);
        return at + written;
    }

    /// <summary>The end of every PUB: size, line end, payload, line end.</summary>
    private static int Finish(ReadOnlySpan<byte> payload, Span<byte> span, int at)
    {
        at = Number(payload.Length, span, at);
        at = Copy("\r\n"u8, span, at);
        at = Copy(payload, span, at);
        return Copy("\r\n"u8, span, at);
    }

    private void CompleteRequest(in NatsFrame frame)
    {
        var digits = frame.Subject[(frame.Subject.LastIndexOf((byte)'.') + 1)..];
        if (Utf8Parser.TryParse(digits, out int slot, out _))
        {
            _pending.Complete(slot, frame.Payload);
        }
    }

    private void Publish(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> payload)
    {
        var writer = BeginWrite();
        var span = writer.GetSpan(4 + subject.Length + 1 + MaxNumberLength + payload.Length + 4);
        var at = Copy("PUB "u8, span, 0);
        at = Copy(subject, span, at);
        span[at++] = (byte)' ';
        writer.Advance(Finish(payload, span, at));
        EndWrite();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        BeginWrite().Write(bytes);
        EndWrite();
    }

    private async Task OpenAsync(PeerAddress server, string? inbox, string? service, CancellationToken cancellationToken)
    {
        await SkipGreetingAsync(cancellationToken);
        if (server.Certificate is { } certificate)
        {
            await UpgradeAsync(certificate, cancellationToken);
        }

        _inbox = Encoding.UTF8.GetBytes($"_INBOX.{inbox}.");
        var opening = new StringBuilder();
        opening.Append(CultureInfo.InvariantCulture,
            $"CONNECT {{\"verbose\":false,\"pedantic\":false,\"lang\":\"csharp\",\"version\":\"1\",\"protocol\":1,\"echo\":false,\"user\":\"{server.User}\",\"pass\":\"{server.Password}\"}}\r\n");
        opening.Append(inbox is null ? "" : $"SUB _INBOX.{inbox}.* {InboxSid}\r\n");
        opening.Append(service is null ? "" : $"SUB {service} {ServiceSid}\r\n");
        opening.Append("PING\r\n");
        await Stream.WriteAsync(Encoding.UTF8.GetBytes(opening.ToString()), cancellationToken);
        StartReading();
        await _ready.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Reads the INFO line byte by byte: what follows it may be a TLS handshake, which belongs to another stream.</summary>
    private async Task SkipGreetingAsync(CancellationToken cancellationToken)
    {
        var one = new byte[1];
        do
        {
            await Stream.ReadExactlyAsync(one, cancellationToken);
        }
        while (one[0] != '\n');
    }
}
