namespace Parley.Protocol.Grpc;

/// <summary>The answer to a unary call.</summary>
/// <param name="Message">The message.</param>
/// <param name="Headers">Metadata that came before it.</param>
/// <param name="Trailers">Metadata that came after it.</param>
/// <typeparam name="TResponse">The message's type.</typeparam>
public sealed record GrpcReply<TResponse>(TResponse Message, GrpcMetadata Headers, GrpcMetadata Trailers);
