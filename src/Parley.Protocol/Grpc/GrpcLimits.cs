namespace Parley.Protocol.Grpc;

/// <summary>Sizes of gRPC messages.</summary>
public static class GrpcLimits
{
    /// <summary>Bytes before each message: compressed flag (1) | length, big endian (4).</summary>
    public const int PrefixBytes = 5;

    /// <summary>Largest message in bytes unless an option says otherwise, both ways: 4 MiB, the default of every gRPC library.</summary>
    public const int DefaultMaxMessageBytes = 4 * 1024 * 1024;
}
