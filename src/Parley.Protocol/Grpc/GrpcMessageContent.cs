using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>A request of one message.</summary>
internal sealed class GrpcMessageContent : HttpContent
{
    private readonly IMessage _message;
    private readonly int _size;

    public GrpcMessageContent(IMessage message, int maxBytes)
    {
        _message = message;
        _size = message.CalculateSize();
        if (_size > maxBytes)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A message of {_size} bytes is larger than the limit of {maxBytes} bytes for sending.");
        }

        Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var length = GrpcLimits.PrefixBytes + _size;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            GrpcFrameWriter.WritePrefix(buffer, _size);
            _message.WriteTo(buffer.AsSpan(GrpcLimits.PrefixBytes, _size));
            await stream.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = GrpcLimits.PrefixBytes + _size;
        return true;
    }
}
