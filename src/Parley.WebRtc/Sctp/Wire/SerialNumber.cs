namespace Parley.WebRtc.Sctp.Wire;

/// <summary>Order of numbers that wrap around (RFC 1982): a number comes after another when it is less than half the circle ahead.</summary>
internal static class SerialNumber
{
    /// <summary>Whether transmission sequence number (TSN) <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool IsAfter(uint a, uint b) => unchecked((int)(a - b)) > 0;

    /// <summary>Whether stream sequence number (SSN) <paramref name="a"/> comes after <paramref name="b"/>.</summary>
    public static bool IsAfter(ushort a, ushort b) => unchecked((short)(ushort)(a - b)) > 0;

    /// <summary>The later of two TSNs.</summary>
    public static uint Later(uint a, uint b) => IsAfter(a, b) ? a : b;
}
