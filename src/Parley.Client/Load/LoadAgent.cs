using Parley.Client.Config;

namespace Parley.Client.Load;

/// <summary>One agent of a load: its profile and its keys.</summary>
/// <param name="Profile">Which hub, and as whom.</param>
/// <param name="Identity">Its keys; whoever made them disposes them.</param>
/// <param name="UsesWebSocket">Over a WebSocket instead of gRPC.</param>
public sealed record LoadAgent(HubProfile Profile, HomeIdentity Identity, bool UsesWebSocket = false);
