using Parley.Hub;
using Parley.Testing;

namespace Parley.HubTests.Messaging;

/// <summary>Messages over WebSocket links.</summary>
public sealed class WebSocketMessagingTests : MessagingSpec
{
    private protected override LinkKind Kind => LinkKind.WebSocket;

    private protected override Task<HubPair> OpenAsync(Action<HubOptions> configure, TimeProvider? time = null) => HubPair.OfOneAsync(configure, time);
}
