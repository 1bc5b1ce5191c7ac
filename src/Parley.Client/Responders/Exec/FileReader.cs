using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Parley.Client.Responders.Exec;

/// <summary>Reads a file that an untrusted program made: only if it is a regular file, and without following a link.</summary>
internal static partial class FileReader
{
    private const int OpenNonBlock = 0x800;
    private const int OpenCloseOnExec = 0x80000;
    private const int OpenNonBlockMac = 0x4;
    private const int OpenNoFollowMac = 0x100;
    private const int OpenCloseOnExecMac = 0x1000000;
    private const int StatxEmptyPath = 0x1000;
    private const uint StatxType = 1;
    private const int StatxBytes = 256;
    private const int StatxModeOffset = 28;
    private const int FileTypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    private static int OpenFlags => OperatingSystem.IsMacOS()
        ? OpenNonBlockMac | OpenNoFollowMac | OpenCloseOnExecMac
        : OpenNonBlock | OpenCloseOnExec | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000);

    /// <summary>The file's bytes; null when it is a link, a device, a pipe, larger than the limit, or unreadable.</summary>
    public static byte[]? ReadRegular(string path, long maxBytes)
    {
        // Opened first and looked at afterwards, so that nothing can be put in its place in between; O_NONBLOCK keeps a FIFO from blocking the open.
        using var handle = new SafeFileHandle(open(path, OpenFlags), ownsHandle: true);
        if (handle.IsInvalid || !IsRegular(handle))
        {
            return null;
        }

        try
        {
            var length = RandomAccess.GetLength(handle);
            if (length > maxBytes)
            {
                return null;
            }

            var content = new byte[length];
            var filled = 0;
            for (int count; filled < content.Length && (count = RandomAccess.Read(handle, content.AsSpan(filled), filled)) > 0;)
            {
                filled += count;
            }

            return content[..filled];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    private static unsafe bool IsRegular(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (File.GetAttributes(handle) & (FileAttributes.Directory | FileAttributes.ReparsePoint | FileAttributes.Device)) == 0;
        }

        // statx has the same layout on every processor, which stat has not.
        byte* result = stackalloc byte[StatxBytes];
        byte empty = 0;
        return statx((int)handle.DangerousGetHandle(), &empty, StatxEmptyPath, StatxType, result) == 0 &&
            (*(ushort*)(result + StatxModeOffset) & FileTypeMask) == RegularFile;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static unsafe partial int statx(int folder, byte* path, int flags, uint mask, byte* result);
}
