namespace Parley.Protocol.Stun;

/// <summary>CRC-32 of FINGERPRINT (RFC 8489, section 14.7; the polynomial of ITU V.42).</summary>
internal static class StunCrc
{
    private const uint Mask = 0x5354554E;
    private static readonly uint[] _table = MakeTable();

    /// <summary>The value of FINGERPRINT over these bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = _table[(byte)(crc ^ one)] ^ (crc >> 8);
        }

        return ~crc ^ Mask;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var index = 0u; index < table.Length; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            }

            table[index] = value;
        }

        return table;
    }
}
