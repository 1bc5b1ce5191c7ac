using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;

namespace Parley.WebRtc.Udp.Linux;

/// <summary>Linux: many datagrams a call, cut and joined by the kernel; one poll over all sockets and an event for wake-ups.</summary>
internal sealed unsafe class LinuxUdpSystem : IUdpSystem
{
    private const long NanosecondsPerTick = 100;

    private readonly List<LinuxUdpSocket> _sockets = [];
    private readonly LinuxMemory _receiving = new(ReceiveBatch.Slots);
    private readonly LinuxMemory _sending = new(LinuxUdpSocket.MaxAtOnce);
    private readonly int _event;
    private LibC.PollEntry[] _polled = GC.AllocateArray<LibC.PollEntry>(1, pinned: true);

    /// <summary>No socket is open yet.</summary>
    public LinuxUdpSystem()
    {
        _event = LibC.MakeEvent(0, LibC.EventCloseOnExec | LibC.EventNonBlocking);
        if (_event < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Whether this machine is one that the layouts fit.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && sizeof(nint) == sizeof(long) && BitConverter.IsLittleEndian;

    /// <inheritdoc/>
    public IUdpSocket Open(IPEndPoint local, UdpOptions options)
    {
        var socket = new LinuxUdpSocket(local, options, _receiving, _sending);
        _sockets.Add(socket);
        _polled = GC.AllocateArray<LibC.PollEntry>(_sockets.Count + 1, pinned: true);
        return socket;
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan? timeout)
    {
        for (var index = 0; index < _sockets.Count; index++)
        {
            _polled[index] = new LibC.PollEntry { File = _sockets[index].File, Wanted = (short)(LibC.PollIn | (_sockets[index].IsBlocked ? LibC.PollOut : 0)) };
        }

        _polled[^1] = new LibC.PollEntry { File = _event, Wanted = LibC.PollIn };
        var ticks = Math.Max(0, timeout?.Ticks ?? 0);
        var limit = new LibC.TimeSpec { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick };
        fixed (LibC.PollEntry* entries = _polled)
        {
            if (LibC.Poll(entries, (nuint)_polled.Length, timeout is null ? null : &limit, null) < 0)
            {
                return;
            }
        }

        for (var index = 0; index < _sockets.Count; index++)
        {
            _sockets[index].OnPolled(_polled[index].Got);
        }

        if (_polled[^1].Got != 0)
        {
            ulong count;
            LibC.Read(_event, &count, sizeof(ulong));
        }
    }

    /// <inheritdoc/>
    public void Wake()
    {
        ulong one = 1;
        LibC.Write(_event, &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _receiving.Dispose();
        _sending.Dispose();
        _ = LibC.Close(_event);
    }
}
