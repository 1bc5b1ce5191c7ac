namespace Parley.Benchmarks.Peers;

/// <summary>A server on loopback and what it takes to get in.</summary>
/// <param name="Port">TCP port on 127.0.0.1.</param>
/// <param name="User">Account name.</param>
/// <param name="Password">Made afresh for each server.</param>
/// <param name="Certificate">What the server shows, or null for plain text.</param>
internal sealed record PeerAddress(int Port, string User, string Password, LoopbackCertificate? Certificate);
