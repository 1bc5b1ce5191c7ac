using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Parley.Client.Responders.Exec;

/// <summary>Moves bytes between us and a child on a thread of its own, and notices its end.</summary>
/// <remarks>
/// A thread, because reads of pipes block and a handful of long commands would starve the thread pool that keeps the link alive. It ends when the
/// child has ended and both output streams are closed, or <see cref="Linger"/> after the child's end when a background process keeps them open.
/// It owns the three pipe ends and closes them.
/// </remarks>
internal sealed class ProcessPump
{
    /// <summary>How long output is awaited after the child's own end.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(500);

    private const int BufferBytes = 64 * 1024;
    private const int StackBytes = 256 * 1024;
    private const int LongestPollMilliseconds = 1000;
    private const int NoPidFdPollMilliseconds = 20;
    private const int Closed = -1;

    // A pipe that polls as writable takes this much without blocking.
    private static readonly int _atomicWrite = OperatingSystem.IsMacOS() ? 512 : 4096;

    private readonly int _pid;
    private readonly int _pidFd;
    private readonly TimeProvider _clock;
    private readonly int[] _out;
    private readonly int[] _room;
    private readonly Channel<OutputChunk> _output = Channel.CreateUnbounded<OutputChunk>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _isEndless;
    private ReadOnlyMemory<byte> _input;
    private int _in;
    private volatile bool _isAbandoned;

    /// <summary>Starts pumping.</summary>
    /// <param name="pid">The child.</param>
    /// <param name="stdin">Its standard input, to write and close; negative when somebody else does.</param>
    /// <param name="stdout">Its standard output.</param>
    /// <param name="stderr">Its standard error.</param>
    /// <param name="start">What to feed it and how much to keep.</param>
    /// <param name="clock">For the time after its end.</param>
    public ProcessPump(int pid, int stdin, int stdout, int stderr, ProcessStart start, TimeProvider clock)
    {
        _pid = pid;
        _pidFd = Posix.OpenPidFd(pid);
        _clock = clock;
        _in = stdin;
        _out = [stdout, stderr];
        _room = [start.MaxOutputBytes, start.MaxOutputBytes];
        _isEndless = start.IsConversation;
        _input = start.Input;
        new Thread(Run, StackBytes) { IsBackground = true, Name = "parley-exec" }.Start();
    }

    /// <summary>Output as it comes; completes with the pump.</summary>
    public ChannelReader<OutputChunk> Output => _output.Reader;

    /// <summary>Completes when the child itself has ended.</summary>
    public Task Exited => _exited.Task;

    /// <summary>Completes when everything is closed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Gives up on a child that cannot be killed; the pump ends within a second.</summary>
    public void Abandon() => _isAbandoned = true;

    private void Run()
    {
        try
        {
            Pump();
        }
        finally
        {
            CloseInput();
            CloseOutput(0);
            CloseOutput(1);
            if (_pidFd >= 0)
            {
                Posix.Close(_pidFd);
            }

            _exited.TrySetResult();
            _output.Writer.TryComplete();
            _ended.TrySetResult();
        }
    }

    private void Pump()
    {
        var buffer = new byte[BufferBytes];
        Span<Posix.PollEntry> entries = stackalloc Posix.PollEntry[4];
        long? exitedAt = null;
        while (!_isAbandoned)
        {
            if (_input.IsEmpty)
            {
                CloseInput();
            }

            if (exitedAt is not null && (_out is [Closed, Closed] || _clock.GetElapsedTime(exitedAt.Value) >= Linger))
            {
                return;
            }

            entries[0] = new Posix.PollEntry { Fd = _out[0], Events = Posix.PollIn };
            entries[1] = new Posix.PollEntry { Fd = _out[1], Events = Posix.PollIn };
            entries[2] = new Posix.PollEntry { Fd = _in, Events = Posix.PollOut };
            entries[3] = new Posix.PollEntry { Fd = exitedAt is null ? _pidFd : Closed, Events = Posix.PollIn };
            if (Posix.Poll(entries, Patience(exitedAt)) < 0 && Marshal.GetLastPInvokeError() != Posix.ErrorInterrupted)
            {
                return;
            }

            ReadFrom(0, entries[0].Happened, buffer);
            ReadFrom(1, entries[1].Happened, buffer);
            WriteInput(entries[2].Happened);
            if (exitedAt is null && (_pidFd < 0 || entries[3].Happened != 0) && Posix.HasExited(_pid))
            {
                exitedAt = _clock.GetTimestamp();
                _exited.TrySetResult();
            }
        }
    }

    private int Patience(long? exitedAt) => exitedAt is { } at
        ? Math.Max(1, (int)(Linger - _clock.GetElapsedTime(at)).TotalMilliseconds)
        : _pidFd < 0 ? NoPidFdPollMilliseconds : LongestPollMilliseconds;

    private void ReadFrom(int index, short happened, byte[] buffer)
    {
        if (happened == 0)
        {
            return;
        }

        var count = Posix.Read(_out[index], buffer);
        if (count < 0 && Marshal.GetLastPInvokeError() == Posix.ErrorInterrupted)
        {
            return;
        }

        if (count <= 0)
        {
            CloseOutput(index);
            return;
        }

        var kept = Math.Min(count, _room[index]);
        if (kept > 0)
        {
            _room[index] -= _isEndless ? 0 : kept;
            _output.Writer.TryWrite(new OutputChunk(index == 1, buffer.AsMemory(0, kept).ToArray()));
        }
    }

    private void WriteInput(short happened)
    {
        if (happened == 0)
        {
            return;
        }

        var count = (happened & Posix.PollOut) == 0 ? -1 : Posix.Write(_in, _input.Span[..Math.Min(_atomicWrite, _input.Length)]);
        if (count >= 0)
        {
            _input = _input[count..];
        }
        else if ((happened & Posix.PollFault) != 0 || Marshal.GetLastPInvokeError() != Posix.ErrorInterrupted)
        {
            // The child does not read (any more): that is its business, not a failure.
            _input = default;
        }
    }

    private void CloseInput()
    {
        if (_in != Closed)
        {
            Posix.Close(_in);
            _in = Closed;
        }
    }

    private void CloseOutput(int index)
    {
        if (_out[index] != Closed)
        {
            Posix.Close(_out[index]);
            _out[index] = Closed;
        }
    }
}
