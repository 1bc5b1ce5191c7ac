namespace Parley.Benchmarks.Micro;

/// <summary>What the hub needs of an envelope that a client sent, pointing into the frame's bytes: no object, no string, no copy.</summary>
/// <remarks>Field numbers as in proto/link.proto. What a client writes into from, hops, ancestry and accepted_at_ms is skipped, as the hub ignores it.</remarks>
internal ref struct HandEnvelope
{
    /// <summary>Field 1.</summary>
    public ReadOnlySpan<byte> Id;

    /// <summary>Field 2; stamped by the hub.</summary>
    public ReadOnlySpan<byte> From;

    /// <summary>Field 3.</summary>
    public ReadOnlySpan<byte> To;

    /// <summary>Field 4.</summary>
    public ulong Kind;

    /// <summary>Field 5.</summary>
    public ReadOnlySpan<byte> Correlation;

    /// <summary>Field 6.</summary>
    public ReadOnlySpan<byte> Thread;

    /// <summary>Field 7.</summary>
    public ulong Sequence;

    /// <summary>Field 10.</summary>
    public ulong TtlMs;

    /// <summary>Field 11.</summary>
    public ulong Type;

    /// <summary>Field 12.</summary>
    public ulong OnlineOnly;

    /// <summary>Field 13.</summary>
    public ulong WantsReply;

    /// <summary>Field 14.</summary>
    public ReadOnlySpan<byte> Cause;

    /// <summary>Field 15.</summary>
    public ReadOnlySpan<byte> Body;

    /// <summary>Field 16.</summary>
    public ulong BodySize;

    /// <summary>Field 17; stamped by the hub.</summary>
    public ulong AcceptedAtMs;

    /// <summary>Field 19.</summary>
    public ulong GapFrom;

    /// <summary>Field 20.</summary>
    public ulong Resend;
}
