using Google.Protobuf;

namespace Parley.Protocol.Grpc;

/// <summary>The one parser of a message type, found by the type alone.</summary>
/// <typeparam name="T">A generated message.</typeparam>
internal static class GrpcParser<T>
    where T : class, IMessage<T>, new()
{
    public static MessageParser<T> Instance { get; } = new(() => new T());
}
