using System.Buffers;
using System.IO.Compression;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>Decompression of single messages, bounded: a small message cannot become a large one in memory.</summary>
internal static class GrpcGzip
{
    /// <summary>The encoding's name in <c>grpc-encoding</c>.</summary>
    public const string Name = "gzip";

    /// <summary>Decompresses one message.</summary>
    /// <exception cref="GrpcException">ResourceExhausted: more than the limit comes out. Internal: not gzip.</exception>
    public static byte[] Decompress(ReadOnlySequence<byte> compressed, int maxBytes)
    {
        using var gzip = new GZipStream(new MemoryStream(compressed.ToArray(), writable: false), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var chunk = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = gzip.Read(chunk)) > 0)
            {
                if (plain.Length + read > maxBytes)
                {
                    throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A decompressed message is larger than the limit of {maxBytes} bytes for receiving.");
                }

                plain.Write(chunk, 0, read);
            }
        }
        catch (InvalidDataException exception)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "A compressed message is not gzip.", exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        return plain.ToArray();
    }
}
