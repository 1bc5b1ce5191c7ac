using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>Writes length-prefixed messages: append as many as there are, then flush once. That coalescing is what makes a busy stream fast.</summary>
/// <remarks>
/// Layout of a message: compressed flag (1 byte, always 0 here) | length in bytes (4, big endian) | protobuf. Not for several threads at once.
/// </remarks>
public sealed class GrpcFrameWriter
{
    // Small messages are written in one go into a span; larger ones in pieces, so that no large contiguous block is asked of the pool.
    private const int OneSpanBytes = 2048;

    private readonly int _maxMessageBytes;

    /// <summary>A writer in front of a pipe.</summary>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="maxMessageBytes">Largest message in bytes, from 0.</param>
    public GrpcFrameWriter(PipeWriter output, int maxMessageBytes = GrpcLimits.DefaultMaxMessageBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxMessageBytes);
        Output = output;
        _maxMessageBytes = maxMessageBytes;
    }

    /// <summary>The pipe itself, for callers that hold framed bytes already. Do not mix with a message that is half appended.</summary>
    public PipeWriter Output { get; }

    /// <summary>Bytes appended since the last flush; flush at some tens of KiB even while more is waiting.</summary>
    public long UnflushedBytes { get; private set; }

    /// <summary>Appends one message; nothing is sent before <see cref="FlushAsync"/>.</summary>
    /// <exception cref="GrpcException"><see cref="GrpcStatusCode.ResourceExhausted"/>: the message is larger than the limit; nothing was appended.</exception>
    public void Write(IMessage message)
    {
        var size = message.CalculateSize();
        if (size > _maxMessageBytes)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A message of {size} bytes is larger than the limit of {_maxMessageBytes} bytes for sending.");
        }

        if (size <= OneSpanBytes)
        {
            var span = Output.GetSpan(GrpcLimits.PrefixBytes + size);
            WritePrefix(span, size);
            message.WriteTo(span.Slice(GrpcLimits.PrefixBytes, size));
            Output.Advance(GrpcLimits.PrefixBytes + size);
        }
        else
        {
            WritePrefix(Output.GetSpan(GrpcLimits.PrefixBytes), size);
            Output.Advance(GrpcLimits.PrefixBytes);
            message.WriteTo(Output);
        }

        UnflushedBytes += GrpcLimits.PrefixBytes + size;
    }

    /// <summary>Sends everything that was appended; waits while the far end's window is full.</summary>
    /// <returns>False when the far end takes no more: stop writing, and look at the reading side for the reason.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        UnflushedBytes = 0;
        var result = await Output.FlushAsync(cancellationToken);
        return !result.IsCompleted && !result.IsCanceled;
    }

    /// <summary>Fills the five bytes before an uncompressed message.</summary>
    public static void WritePrefix(Span<byte> destination, int size)
    {
        destination[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], size);
    }
}
