using System.Runtime.InteropServices;

namespace Parley.WebRtc.Udp.Linux;

/// <summary>Linux's batched system calls, with the layouts and numbers of 64-bit systems.</summary>
internal static unsafe partial class LibC
{
    public const int EPerm = 1;
    public const int EIntr = 4;
    public const int EIo = 5;
    public const int EAgain = 11;
    public const int EAcces = 13;
    public const int EInval = 22;
    public const int EMsgSize = 90;
    public const int ENoProtoOpt = 92;
    public const int ENetDown = 100;
    public const int ENetUnreach = 101;
    public const int ENoBufs = 105;
    public const int EHostUnreach = 113;

    public const ushort AfInet = 2;
    public const ushort AfInet6 = 10;
    public const int MsgDontWait = 0x40;
    public const int MsgTruncated = 0x20;
    public const int SolUdp = 17;
    public const int UdpSegment = 103;
    public const int UdpGro = 104;
    public const int EventCloseOnExec = 0x80000;
    public const int EventNonBlocking = 0x800;
    public const short PollIn = 1;
    public const short PollOut = 4;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ReceiveMany(int socket, ManyHeader* headers, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SendMany(int socket, ManyHeader* headers, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Poll(PollEntry* entries, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int MakeEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Read(int file, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Write(int file, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Close(int file);

    /// <summary>struct iovec.</summary>
    public struct Vector
    {
        public void* Bytes;
        public nuint Length;
    }

    /// <summary>struct mmsghdr: a struct msghdr, whose last member the system pads to 8 bytes, then how many bytes were moved.</summary>
    public struct ManyHeader
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public ulong Flags;
        public uint Length;
    }

    /// <summary>struct pollfd.</summary>
    public struct PollEntry
    {
        public int File;
        public short Wanted;
        public short Got;
    }

    /// <summary>struct timespec.</summary>
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct cmsghdr.</summary>
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
