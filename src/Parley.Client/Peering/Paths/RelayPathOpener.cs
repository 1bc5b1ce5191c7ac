using System.Buffers;
using Google.Protobuf;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering.Paths;

/// <summary>Enters a circuit through the hub, and makes the same TLS inside that a direct connection has: the hub hands on what it cannot read or change unnoticed.</summary>
internal sealed class RelayPathOpener(PathContext context, HubProfile profile, TimeProvider time) : IPathOpener
{
    private readonly TriedWays _tried = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> Tried => _tried.All;

    /// <inheritdoc/>
    public bool IsForged { get; private set; }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>?>(context.Remote.TlsFingerprint.IsEmpty ? null : ReadOnlyMemory<byte>.Empty);

    /// <inheritdoc/>
    public async Task RunAsync(ReadOnlyMemory<byte> remote, Action<FoundPath> found, CancellationToken cancellationToken)
    {
        try
        {
            if (context.IsOpener)
            {
                // On a good network a direct connection stands by then, and the hub is not asked at all.
                await Task.Delay(context.HeadStart, time, cancellationToken);
            }

            var ticket = await context.TicketAsync(cancellationToken);
            var stream = await EnterAsync(ticket, cancellationToken);
            found(new FoundPath(await context.Tls.ProveAsync(stream, context.IsOpener, cancellationToken), "through the hub"));
        }
        catch (ParleyException refusal)
        {
            _tried.Add(PlainText.Of(refusal.Message).TrimEnd('.'));
            throw;
        }
        catch (TlsException exception)
        {
            IsForged |= exception.Fault is TlsFault.PinMismatch or TlsFault.Damaged or TlsFault.NotTls or TlsFault.CertificateUnusable or TlsFault.CertificateMissing;
            _tried.Add(IsForged ? "somebody changed what the circuit carries" : "the circuit broke");
        }
        catch (Exception exception) when (LinkBreaks.Is(exception))
        {
            _tried.Add(cancellationToken.IsCancellationRequested ? "given up" : "the circuit broke");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Shows the ticket and waits for the other end.</summary>
    private async Task<RelayStream> EnterAsync(ReadOnlyMemory<byte> ticket, CancellationToken cancellationToken)
    {
        var dialed = await AutoLinkDialer.ForRelay(profile, time).DialAsync(cancellationToken);
        try
        {
            var entry = new ArrayBufferWriter<byte>();
            FrameCodec.Write(entry, new Frame { CircuitEntry = new CircuitEntry { Ticket = ByteString.CopyFrom(ticket.Span) } });
            await dialed.Transport.WriteAsync(entry.WrittenMemory, cancellationToken);
            await WaitReadyAsync(dialed.Transport, cancellationToken);
            return new RelayStream(dialed);
        }
        catch
        {
            await dialed.DisposeAsync();
            throw;
        }
    }

    private static async Task WaitReadyAsync(ILinkTransport transport, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await transport.Input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (FrameCodec.TryRead(ref buffer, out var frame))
            {
                transport.Input.AdvanceTo(buffer.Start);
                if (frame.BodyCase == Frame.BodyOneofCase.CircuitReady)
                {
                    return;
                }

                throw new ParleyException(ErrorMap.FromWireName(frame.Goodbye?.Code ?? string.Empty), frame.Goodbye?.Message ?? "The hub did not open the circuit.");
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                throw new IOException("The circuit ended before it was open.");
            }
        }
    }
}
