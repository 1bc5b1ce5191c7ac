using Parley.Hub;
using Parley.Testing;

namespace Parley.HubTests.Messaging;

/// <summary>Messages between two nodes of one hub.</summary>
public sealed class TwoNodesMessagingTests : MessagingSpec
{
    private protected override LinkKind Kind => LinkKind.Grpc;

    private protected override Task<HubPair> OpenAsync(Action<HubOptions> configure) => HubPair.OfTwoAsync(configure);
}
