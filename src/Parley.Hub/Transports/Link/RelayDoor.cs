using System.Buffers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Hub.Sessions;
using Parley.Hub.Signalling;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Hub.Transports.Link;

/// <summary>Serves one end of a relay circuit, whatever carries it: takes its ticket, then hands its bytes on until the circuit ends.</summary>
/// <param name="circuits">The circuits of this node.</param>
/// <param name="options">How long the first frame may take.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Lifecycle, never content.</param>
internal sealed partial class RelayDoor(RelayCircuits circuits, IOptions<DoorOptions> options, TimeProvider time, ILogger<RelayDoor> logger)
{
    /// <summary>Reads the ticket and stays until the circuit has ended.</summary>
    public async Task RunAsync(ILinkTransport transport, CancellationToken cancellationToken)
    {
        RelayCircuit circuit;
        try
        {
            circuit = circuits.Enter((await ReadEntryAsync(transport, cancellationToken)).Ticket.Span);
        }
        catch (ParleyException refusal)
        {
            LogRefused(refusal.Row.WireName, transport.Name);
            await WriteAsync(transport, new Frame { Goodbye = Goodbyes.Refused(refusal) }, cancellationToken);
            return;
        }
        catch (Exception exception) when (LinkBreaks.Is(exception))
        {
            return;
        }

        try
        {
            await circuit.JoinAsync(transport, TellBothAsync, cancellationToken);
        }
        finally
        {
            circuits.Leave(circuit);
        }
    }

    private static async Task TellBothAsync(ILinkTransport first, ILinkTransport second, CancellationToken cancellationToken)
    {
        await WriteAsync(first, new Frame { CircuitReady = new CircuitReady() }, cancellationToken);
        await WriteAsync(second, new Frame { CircuitReady = new CircuitReady() }, cancellationToken);
    }

    private static async Task WriteAsync(ILinkTransport transport, Frame frame, CancellationToken cancellationToken)
    {
        var bytes = new ArrayBufferWriter<byte>();
        FrameCodec.Write(bytes, frame);
        await transport.WriteAsync(bytes.WrittenMemory, cancellationToken);
    }

    private async Task<CircuitEntry> ReadEntryAsync(ILinkTransport transport, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = time.CreateTimer(_ => deadline.Cancel(), null, options.Value.HandshakeTimeout, Timeout.InfiniteTimeSpan);
        while (true)
        {
            var read = await transport.Input.ReadAsync(deadline.Token);
            var buffer = read.Buffer;
            if (FrameCodec.TryRead(ref buffer, out var frame))
            {
                transport.Input.AdvanceTo(buffer.Start);
                return frame.CircuitEntry ?? throw new ParleyException(ErrorCode.ProtocolViolation, "A relay stream begins with a ticket.");
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                throw new IOException("The stream ended before its ticket.");
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused a relay stream over {Transport}: {Code}")]
    private partial void LogRefused(string code, string transport);
}
