namespace Parley.Protocol.Grpc;

/// <summary>Header and trailer names that gRPC over HTTP/2 gives a meaning, and the values that we use.</summary>
public static class GrpcHeaders
{
    /// <summary>Media type of requests and responses.</summary>
    public const string ContentType = "application/grpc";

    /// <summary>The status code as a decimal number.</summary>
    public const string Status = "grpc-status";

    /// <summary>The sentence, in the form of <see cref="GrpcMessageText"/>.</summary>
    public const string Message = "grpc-message";

    /// <summary>A <c>google.rpc.Status</c>, base64.</summary>
    public const string StatusDetails = "grpc-status-details-bin";

    /// <summary>The caller's time limit, in the form of <see cref="GrpcTimeout"/>.</summary>
    public const string Timeout = "grpc-timeout";

    /// <summary>How messages with the compressed flag are compressed.</summary>
    public const string Encoding = "grpc-encoding";

    /// <summary>What the sender of the header can decompress.</summary>
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>What this implementation can decompress.</summary>
    public const string Encodings = "identity,gzip";

    /// <summary>True for <c>application/grpc</c> and <c>application/grpc+proto</c>, with or without parameters.</summary>
    public static bool IsGrpc(string? contentType)
    {
        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        return type.Equals(ContentType, StringComparison.OrdinalIgnoreCase) || type.Equals("application/grpc+proto", StringComparison.OrdinalIgnoreCase);
    }
}
