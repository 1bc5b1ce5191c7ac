namespace Parley.Client.Transfer.Sending;

/// <summary>Frames in a buffer of the pool, ready to leave.</summary>
/// <param name="Bytes">The buffer.</param>
/// <param name="Length">How much of it.</param>
internal readonly record struct OutBuffer(byte[] Bytes, int Length);
