using System.Text;
using Parley.Client.Peering.Handshakes;

namespace Parley.Client.Peering.Paths;

/// <summary>How two ends learn whether they share a machine without naming it: each shows an HMAC, under a key of the session, over a number that the kernel drew when it started.</summary>
internal static class MachineMark
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The mark of this machine in one session, 32 bytes.</summary>
    public static byte[] Of(SessionSecrets secrets) => secrets.Export("machine", Encoding.UTF8.GetBytes(Name()));

    private static string Name()
    {
        try
        {
            return File.Exists(BootFile) ? File.ReadAllText(BootFile) : Environment.MachineName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Environment.MachineName;
        }
    }
}
