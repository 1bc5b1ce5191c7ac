using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Files;

/// <summary>Opens files whose path somebody configured: a pipe in their place would keep the reader waiting for ever, a device would never end.</summary>
public static class RegularFile
{
    private const string Library = "libc";

    private const int LinuxNonBlock = 0x800;
    private const int LinuxCloseOnExec = 0x80000;
    private const int MacNonBlock = 0x4;
    private const int MacCloseOnExec = 0x1000000;

    private const int EmptyPath = 0x1000;
    private const uint TypeAndMode = 3;

    // struct statx (statx(2)): 256 bytes, stx_mode at 28 on every machine.
    private const int StatxBytes = 256;
    private const int StatxMode = 28;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;

    /// <summary>Opens a file for reading; links are followed.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: it is a pipe, a device or a socket.</exception>
    /// <exception cref="IOException">As <see cref="FileStream"/>.</exception>
    public static FileStream OpenRead(string path)
    {
        if (OperatingSystem.IsWindows() || Directory.Exists(path))
        {
            return Open(path);
        }

        var handle = OpenNative(path, OperatingSystem.IsMacOS() ? MacNonBlock | MacCloseOnExec : LinuxNonBlock | LinuxCloseOnExec);
        if (handle.IsInvalid)
        {
            // .NET knows the right exception.
            handle.Dispose();
            return Open(path);
        }

        var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        if (file.CanSeek && IsRegular(handle))
        {
            return file;
        }

        file.Dispose();
        throw new ParleyException(ErrorCode.InvalidArgument, $"{path} is a pipe, a device or a socket: name a file.");
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private static bool IsRegular(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        var status = new byte[StatxBytes];
        return Statx(handle, string.Empty, EmptyPath, TypeAndMode, status) != 0 || (ModeOf(status) & TypeMask) == RegularType;
    }

    private static int ModeOf(byte[] status) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(StatxMode)) : BinaryPrimitives.ReadUInt16BigEndian(status.AsSpan(StatxMode));

    [DllImport(Library, EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle OpenNative([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport(Library, EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(SafeFileHandle file, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] status);
}
