namespace Parley.Client.Transfer.Receiving;

/// <summary>Which start of the machine this is: what was written since is there, whoever was killed meanwhile; what was written before and not flushed may not be.</summary>
internal static class BootId
{
    /// <summary>Bytes of an id.</summary>
    public const int Bytes = 16;

    /// <summary>The id; all zero where the system has none, which equals no other.</summary>
    public static byte[] Current { get; } = Read();

    /// <summary>Whether something was written since the machine was started.</summary>
    public static bool Is(ReadOnlySpan<byte> id) => id.SequenceEqual(Current) && id.ContainsAnyExcept((byte)0);

    private static byte[] Read()
    {
        try
        {
            return Guid.TryParse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), out var id) ? id.ToByteArray() : new byte[Bytes];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new byte[Bytes];
        }
    }
}
