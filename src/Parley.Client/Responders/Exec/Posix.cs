using System.Runtime.InteropServices;

namespace Parley.Client.Responders.Exec;

/// <summary>The C library calls that process groups need and .NET lacks. Constants are of 64-bit Linux, with macOS's where they differ.</summary>
internal static unsafe partial class Posix
{
    /// <summary>Ask to end.</summary>
    public const int SigTerm = 15;

    /// <summary>End.</summary>
    public const int SigKill = 9;

    /// <summary>No such file.</summary>
    public const int ErrorNoEntry = 2;

    /// <summary>Interrupted by a signal: call again.</summary>
    public const int ErrorInterrupted = 4;

    /// <summary>Not executable.</summary>
    public const int ErrorAccess = 13;

    /// <summary>Arguments and environment together are too long.</summary>
    public const int ErrorTooBig = 7;

    /// <summary>Data may be read.</summary>
    public const short PollIn = 1;

    /// <summary>Data may be written.</summary>
    public const short PollOut = 4;

    /// <summary>Error, hang-up or bad descriptor.</summary>
    public const short PollFault = 8 | 16 | 32;

    private const int WaitNoHang = 1;
    private const int WaitExited = 4;
    private const int PidFdOpenNumber = 434;
    private const int SetChildSubreaperOption = 36;
    private const int LinuxCloseOnExec = 0x80000;

    // Larger than sigset_t (128 bytes), posix_spawnattr_t (336) and posix_spawn_file_actions_t (80) of every C library.
    private const int OpaqueBytes = 1024;

    private static int WaitNoWait => OperatingSystem.IsMacOS() ? 0x20 : 0x01000000;

    // Close everything by default exists on macOS alone; on Linux every descriptor of ours is opened close-on-exec and addclosefrom does the rest.
    private static short SpawnFlags => (short)(0x04 | 0x08 | (OperatingSystem.IsMacOS() ? 0x0400 | 0x4000 : 0x80));

    /// <summary>One descriptor of a poll call.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        /// <summary>The descriptor; negative is skipped.</summary>
        public int Fd;

        /// <summary>What to wait for.</summary>
        public short Events;

        /// <summary>What happened.</summary>
        public short Happened;
    }

    /// <summary>A new pipe, closed in children.</summary>
    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        var result = OperatingSystem.IsLinux() ? pipe2(ends, LinuxCloseOnExec) : pipe(ends);
        return result == 0 ? (ends[0], ends[1]) : throw new IOException($"No pipe: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Starts a program in a new session with these three descriptors as its standard streams, default signals and nothing else open.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Spawn(IReadOnlyList<string> command, IReadOnlyList<string> environment, int stdin, int stdout, int stderr, out int pid)
    {
        byte* memory = stackalloc byte[3 * OpaqueBytes];
        new Span<byte>(memory, 3 * OpaqueBytes).Clear();
        byte* actions = memory;
        byte* attributes = memory + OpaqueBytes;
        byte* signals = memory + (2 * OpaqueBytes);
        using var arguments = new NativeStrings(command);
        using var variables = new NativeStrings(environment);
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        try
        {
            _ = posix_spawn_file_actions_adddup2(actions, stdin, 0);
            _ = posix_spawn_file_actions_adddup2(actions, stdout, 1);
            _ = posix_spawn_file_actions_adddup2(actions, stderr, 2);
            CloseInherited(actions);
            _ = posix_spawnattr_setflags(attributes, SpawnFlags);
            _ = sigemptyset(signals);
            _ = posix_spawnattr_setsigmask(attributes, signals);
            // The runtime ignores SIGPIPE, and an ignored signal stays ignored after exec.
            _ = sigfillset(signals);
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            return posix_spawnp(out pid, arguments.Pointer[0], actions, attributes, arguments.Pointer, variables.Pointer);
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Closes a descriptor.</summary>
    public static void Close(int fd) => _ = close(fd);

    /// <summary>Reads what is there; 0 at the end, negative on error.</summary>
    public static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)read(fd, start, (nuint)buffer.Length);
        }
    }

    /// <summary>Writes what fits; negative on error.</summary>
    public static int Write(int fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)write(fd, start, (nuint)buffer.Length);
        }
    }

    /// <summary>Waits for any of the entries; negative on error.</summary>
    public static int Poll(Span<PollEntry> entries, int timeoutMilliseconds)
    {
        fixed (PollEntry* start = entries)
        {
            return poll(start, (nuint)entries.Length, timeoutMilliseconds);
        }
    }

    /// <summary>Sends a signal to a process, or with a negative number to a process group.</summary>
    /// <returns>True when someone got it.</returns>
    public static bool Kill(int pid, int signal) => kill(pid, signal) == 0;

    /// <summary>A descriptor that becomes readable when the process ends, or -1 where the kernel has none.</summary>
    public static int OpenPidFd(int pid) => OperatingSystem.IsLinux() ? (int)syscall(PidFdOpenNumber, pid, 0) : -1;

    /// <summary>True when a child has ended; it stays a zombie, so that its number is not given to another.</summary>
    public static bool HasExited(int pid)
    {
        byte* result = stackalloc byte[256];
        new Span<byte>(result, 256).Clear();
        // si_signo is the first field everywhere; zero means that nothing happened yet. An error means that somebody else has reaped it.
        return waitid(1, pid, result, WaitNoHang | WaitExited | WaitNoWait) != 0 || *(int*)result != 0;
    }

    /// <summary>Takes an ended child off the process table.</summary>
    /// <returns>Its exit code, 128 + n for signal n; null when it has not ended or is not our child.</returns>
    public static int? Reap(int pid)
    {
        if (waitpid(pid, out var status, WaitNoHang) != pid)
        {
            return null;
        }

        var signal = status & 0x7F;
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal;
    }

    /// <summary>Linux: orphans among our descendants become our children instead of init's, so that they can be found and reaped.</summary>
    public static void AdoptOrphans()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = prctl(SetChildSubreaperOption, 1, 0, 0, 0);
        }
    }

    private static void CloseInherited(byte* actions)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = posix_spawn_file_actions_addclosefrom_np(actions, 3);
        }
        catch (EntryPointNotFoundException)
        {
            // glibc before 2.34 and musl: only what our own parent left open without close-on-exec gets through.
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnp(out int pid, byte* file, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe(int* ends);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int waitid(int idType, int id, byte* result, int options);

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, out int status, int options);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, int pid, uint flags);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    /// <summary>A null-terminated array of null-terminated UTF-8 strings.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> values)
        {
            _count = values.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var index = 0; index < _count; index++)
            {
                Pointer[index] = (byte*)Marshal.StringToCoTaskMemUTF8(values[index]);
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var index = 0; index < _count; index++)
            {
                Marshal.FreeCoTaskMem((nint)Pointer[index]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}
