using Parley.Hub;
using Parley.Testing;

namespace Parley.HubTests.Messaging;

/// <summary>Messages over gRPC links.</summary>
public sealed class GrpcMessagingTests : MessagingSpec
{
    private protected override LinkKind Kind => LinkKind.Grpc;

    private protected override Task<HubPair> OpenAsync(Action<HubOptions> configure, TimeProvider? time = null) => HubPair.OfOneAsync(configure, time);
}
