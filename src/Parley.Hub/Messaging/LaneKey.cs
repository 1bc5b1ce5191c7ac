namespace Parley.Hub.Messaging;

/// <summary>Envelopes of one sender and one thread to one receiver keep their order; this names such a lane within a mailbox.</summary>
/// <param name="Sender">The sender's canonical address.</param>
/// <param name="Thread">The thread; empty for envelopes that belong to none.</param>
internal readonly record struct LaneKey(string Sender, string Thread);
