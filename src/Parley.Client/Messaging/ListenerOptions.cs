namespace Parley.Client.Messaging;

/// <summary>How a listener treats what it finds in its journal.</summary>
/// <param name="IsSafeToRetry">Whether a message that a crash interrupted runs again.</param>
public sealed record ListenerOptions(bool IsSafeToRetry);
