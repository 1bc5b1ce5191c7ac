using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Google.Protobuf;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>Reads length-prefixed messages from a pipe, many per wake-up: <c>while (await WaitToReadAsync) while (TryRead) ...</c>.</summary>
/// <remarks>
/// Layout of a message: compressed flag (1 byte) | length in bytes (4, big endian) | protobuf, gzip'd when the flag is 1 and <c>grpc-encoding</c> says so.
/// Messages are parsed straight from the pipe's buffers. Not for several threads at once.
/// </remarks>
public sealed class GrpcFrameReader
{
    private readonly PipeReader _input;
    private readonly int _maxMessageBytes;
    private readonly string? _encoding;
    private ReadOnlySequence<byte> _buffer;
    private bool _holdsBuffer;
    private bool _isCompleted;

    /// <summary>A reader behind a pipe.</summary>
    /// <param name="input">Where the bytes come from.</param>
    /// <param name="maxMessageBytes">Largest message in bytes, before and after decompression, from 0.</param>
    /// <param name="encoding">The <c>grpc-encoding</c> header: null, <c>identity</c> or <c>gzip</c>.</param>
    public GrpcFrameReader(PipeReader input, int maxMessageBytes = GrpcLimits.DefaultMaxMessageBytes, string? encoding = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxMessageBytes);
        _input = input;
        _maxMessageBytes = maxMessageBytes;
        _encoding = encoding;
    }

    /// <summary>Waits until a whole message is there.</summary>
    /// <returns>False at the end of the stream.</returns>
    /// <exception cref="GrpcException">The stream ended within a message (Internal), or a message breaks a rule of <see cref="TryReadFrame"/>.</exception>
    public async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_holdsBuffer)
            {
                if (HasWholeFrame())
                {
                    return true;
                }

                if (_isCompleted)
                {
                    return _buffer.IsEmpty
                        ? false
                        : throw new GrpcException(GrpcStatusCode.Internal, "The stream ended within a message.");
                }

                _holdsBuffer = false;
                _input.AdvanceTo(_buffer.Start, _buffer.End);
            }

            var result = await _input.ReadAsync(cancellationToken);
            _buffer = result.Buffer;
            _isCompleted = result.IsCompleted;
            _holdsBuffer = true;
            if (result.IsCanceled)
            {
                throw new OperationCanceledException("The read was cancelled.");
            }
        }
    }

    /// <summary>Takes the next message that has arrived whole; false when more bytes are needed.</summary>
    /// <exception cref="GrpcException">The message breaks a rule of <see cref="TryReadFrame"/>, or is not one of its type (Internal).</exception>
    public bool TryRead<T>([NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>, new()
    {
        if (!TryReadFrame(out var payload))
        {
            message = null;
            return false;
        }

        try
        {
            message = payload.IsSingleSegment
                ? GrpcParser<T>.Instance.ParseFrom(payload.FirstSpan)
                : GrpcParser<T>.Instance.ParseFrom(payload);
            return true;
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "A message could not be parsed.", exception);
        }
    }

    /// <summary>Takes the bytes of the next message that has arrived whole; they are valid until the next <see cref="WaitToReadAsync"/>.</summary>
    /// <exception cref="GrpcException">
    /// ResourceExhausted: larger than the limit. Internal: a flag other than 0 and 1, or a flag of 1 without an encoding we know, or broken gzip.
    /// </exception>
    public bool TryReadFrame(out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!_holdsBuffer || !TryReadPrefix(out var isCompressed, out var length) || _buffer.Length - GrpcLimits.PrefixBytes < length)
        {
            return false;
        }

        payload = _buffer.Slice(GrpcLimits.PrefixBytes, length);
        _buffer = _buffer.Slice(payload.End);
        if (isCompressed)
        {
            payload = new ReadOnlySequence<byte>(GrpcGzip.Decompress(payload, _maxMessageBytes));
        }

        return true;
    }

    /// <summary>The next message, or null at the end of the stream.</summary>
    /// <exception cref="GrpcException">As <see cref="WaitToReadAsync"/> and <see cref="TryRead"/>.</exception>
    public async ValueTask<T?> ReadAsync<T>(CancellationToken cancellationToken)
        where T : class, IMessage<T>, new() =>
        await WaitToReadAsync(cancellationToken) && TryRead<T>(out var message) ? message : null;

    private bool HasWholeFrame() => TryReadPrefix(out _, out var length) && _buffer.Length - GrpcLimits.PrefixBytes >= length;

    private bool TryReadPrefix(out bool isCompressed, out long length)
    {
        isCompressed = false;
        length = 0;
        if (_buffer.Length < GrpcLimits.PrefixBytes)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[GrpcLimits.PrefixBytes];
        _buffer.Slice(0, GrpcLimits.PrefixBytes).CopyTo(prefix);
        isCompressed = prefix[0] == 1;
        length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        ThrowIfRefused(prefix[0], length);
        return true;
    }

    private void ThrowIfRefused(byte flag, long length)
    {
        if (flag > 1)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "The compressed flag of a message is neither 0 nor 1.");
        }

        if (flag == 1 && _encoding != GrpcGzip.Name)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "A message has the compressed flag, but grpc-encoding names no compression that is known here.");
        }

        if (length > _maxMessageBytes)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A message of {length} bytes is larger than the limit of {_maxMessageBytes} bytes for receiving.");
        }
    }
}
