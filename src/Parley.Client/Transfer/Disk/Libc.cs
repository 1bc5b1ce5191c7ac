using System.Runtime.InteropServices;

namespace Parley.Client.Transfer.Disk;

/// <summary>The calls of the C library that work on names below an open folder, which .NET lacks. Constants are of 64-bit Linux, with macOS's where they differ.</summary>
internal static unsafe partial class Libc
{
    /// <summary>No such name.</summary>
    public const int NoEntry = 2;

    /// <summary>Something has that name.</summary>
    public const int Exists = 17;

    /// <summary>Not a folder.</summary>
    public const int NotFolder = 20;

    /// <summary>Is a folder.</summary>
    public const int IsFolder = 21;

    /// <summary>Not for this file system, or an argument that an older kernel does not know.</summary>
    public const int Invalid = 22;

    /// <summary>No room.</summary>
    public const int NoSpace = 28;

    /// <summary>Interrupted by a signal.</summary>
    public const int Interrupted = 4;

    /// <summary>No such device: what opening a socket or a pipe without reader says.</summary>
    public const int NoDevice = 6;

    private const int AtEmptyPath = 0x1000;
    private const int AtNoFollow = 0x100;
    private const int NoReplace = 1;
    private const int StatxWanted = 0x7ff;
    private const int StatxBytes = 256;
    private const int MacExclusive = 4;
    private const long OmitTime = 0x3ffffffe;
    private const long MacOmitTime = -2;

    private static readonly uint _user = OperatingSystem.IsWindows() ? 0 : User();
    private static readonly bool _isMac = OperatingSystem.IsMacOS();
    private static readonly bool _isMacArm = _isMac && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly bool _isArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>A link is not followed: fails instead.</summary>
    public static int NoFollow => _isMac ? 0x100 : _isArm ? 0x8000 : 0x20000;

    /// <summary>Only a folder.</summary>
    public static int FolderOnly => _isMac ? 0x100000 : _isArm ? 0x4000 : 0x10000;

    /// <summary>Closed in programs that we start; a pipe's opening does not wait.</summary>
    public static int CloseOnExec => _isMac ? 0x1000000 | 0x4 : 0x80000 | 0x800;

    /// <summary>Read and write.</summary>
    public static int ReadWrite => 2;

    /// <summary>Create, and fail when something has the name.</summary>
    public static int CreateNew => _isMac ? 0x200 | 0x800 : 0x40 | 0x80;

    /// <summary>Paths are seen from the working folder.</summary>
    public static int WorkingFolder => _isMac ? -2 : -100;

    /// <summary>Removes a folder, not a file.</summary>
    public static int RemoveFolder => _isMac ? 0x80 : 0x200;

    /// <summary>The error of the last call.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    /// <summary>Whether an error says that a name is a link where none may be.</summary>
    public static bool IsLoop(int error) => error == (_isMac ? 62 : 40);

    /// <summary>Opens a name below a folder; negative on error.</summary>
    public static int OpenAt(int folder, string name, int flags, int mode)
    {
        int result;
        do
        {
            // Apple's processors take variable arguments from the stack: five words fill the registers before it.
            result = _isMacArm ? OpenPadded(folder, name, flags, 0, 0, 0, 0, 0, mode) : Open(folder, name, flags, mode);
        }
        while (result < 0 && Error == Interrupted);
        return result;
    }

    /// <summary>Renames within a folder, never over something.</summary>
    public static int RenameNew(int folder, string from, string to)
    {
        if (_isMac)
        {
            return RenameMac(folder, from, folder, to, MacExclusive);
        }

        try
        {
            var result = RenameFlags(folder, from, folder, to, NoReplace);
            if (result == 0 || Error != Invalid)
            {
                return result;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without it: a second name, then the first one away.
        }

        return Link(folder, from, folder, to, 0) == 0 ? Unlink(folder, from, 0) : -1;
    }

    /// <summary>Sets the time of last write and leaves that of the last read.</summary>
    public static int SetModified(int file, long modifiedNs)
    {
        var seconds = Math.DivRem(modifiedNs, 1_000_000_000, out var rest);
        if (rest < 0)
        {
            (seconds, rest) = (seconds - 1, rest + 1_000_000_000);
        }

        var times = stackalloc long[4] { 0, _isMac ? MacOmitTime : OmitTime, seconds, rest };
        return SetTimes(file, times);
    }

    /// <summary>What is behind a name below a folder, links not followed; with an empty name the open file itself. Linux only.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Look(int folder, string name, out FileFacts facts)
    {
        var raw = stackalloc byte[StatxBytes];
        facts = default;
        if (Statx(folder, name, name.Length == 0 ? AtEmptyPath : AtNoFollow, StatxWanted, raw) != 0)
        {
            return Error;
        }

        // struct statx has one layout on every processor, which struct stat has not.
        var mode = *(ushort*)(raw + 28);
        var type = (mode & 0xF000) switch
        {
            0x8000 => FileType.File,
            0x4000 => FileType.Folder,
            0xA000 => FileType.Link,
            _ => FileType.Special,
        };
        var device = ((ulong)*(uint*)(raw + 136) << 32) | *(uint*)(raw + 140);
        facts = new FileFacts(type, *(long*)(raw + 40), Time(raw + 112), (mode & 0x40) != 0, Time(raw + 96), *(ulong*)(raw + 32), device, *(uint*)(raw + 20) == _user);
        return 0;
    }

    private static long Time(byte* at) => (*(long*)at * 1_000_000_000) + *(uint*)(at + 8);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(int folder, string name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPadded(int folder, string name, int flags, nint a, nint b, nint c, nint d, nint e, int mode);

    /// <summary><c>mkdirat</c>.</summary>
    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFolder(int folder, string name, int mode);

    /// <summary><c>renameat</c>.</summary>
    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(int fromFolder, string from, int toFolder, string to);

    /// <summary><c>unlinkat</c>.</summary>
    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(int folder, string name, int flags);

    /// <summary><c>fsync</c>.</summary>
    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int file);

    /// <summary><c>flock</c>: 2 for one holder alone, 4 without waiting.</summary>
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int file, int operation);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint User();

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFlags(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "renameatx_np", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameMac(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(int fromFolder, string from, int toFolder, string to, int flags);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int SetTimes(int file, long* times);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string name, int flags, uint mask, byte* result);
}
