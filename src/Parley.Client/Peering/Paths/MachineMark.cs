using System.Text;
using Parley.Client.Peering.Handshakes;

namespace Parley.Client.Peering.Paths;

/// <summary>How two ends learn whether they share a machine's loopback without naming it: each shows an HMAC, under a key of the session, over what the kernel says of them.</summary>
/// <remarks>Containers of one machine share the number that its kernel drew when it started; their loopback is that of their network namespace, so this counts too.</remarks>
internal static class MachineMark
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";
    private const string NetworkLink = "/proc/self/ns/net";

    /// <summary>The mark of this machine in one session, 32 bytes.</summary>
    public static byte[] Of(SessionSecrets secrets) =>
        secrets.Export("machine", Encoding.UTF8.GetBytes(NameOf(Look(() => File.Exists(BootFile) ? File.ReadAllText(BootFile) : null), Look(() => new FileInfo(NetworkLink).LinkTarget))));

    /// <summary>What the mark is made over.</summary>
    /// <param name="boot">The number of the kernel's start; null where none is known.</param>
    /// <param name="network">The network namespace, <c>net:[4026531840]</c>; null where there are none.</param>
    internal static string NameOf(string? boot, string? network) => $"{boot?.Trim() ?? Environment.MachineName}\n{network}";

    private static string? Look(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
