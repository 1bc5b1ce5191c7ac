using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Exec;

/// <summary>A child process in a session of its own, with everything that it starts; none of it outlives this object.</summary>
/// <remarks>
/// Contract: <see cref="Start"/> or an exception; read <see cref="Output"/> to its end; then <see cref="EndAsync"/>. <see cref="Stop"/> may come at any time. The tree
/// gets SIGTERM, <see cref="Grace"/> later SIGKILL. Its first process stays a zombie until the last moment, so that no signal can hit a stranger with the same
/// number. Linux finds the tree by session, descent and marker (<see cref="ProcessTable"/>); elsewhere only the process group is signalled. An orphan that gave up all three
/// dies with the first run after whose end no other run goes on that began before the orphan did: until then it may be that one's.
/// </remarks>
internal sealed class ProcessGroup : IAsyncDisposable
{
    /// <summary>Time between asking and killing.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _killPatience = TimeSpan.FromSeconds(5);
    private static readonly ConcurrentDictionary<int, ProcessGroup> _running = new();

    // A process must not be seen in the table before it is known as a run's leader: another run would take it for an orphan.
    private static readonly Lock _startLock = new();

    // Since when there has been a run without a break. What is older was not left by a run: at the end of each such time nothing of one is left.
    private static long _busySince;

    private readonly ProcessPump _pump;
    private readonly string _marker;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly FileStream? _input;
    private readonly long _startedAt;
    private volatile bool _isEnding;
    private Task? _kill;
    private Task<int?>? _end;

    private ProcessGroup(int pid, string marker, ProcessPump pump, FileStream? input, TimeProvider clock)
    {
        Id = pid;
        _input = input;
        _marker = marker;
        _pump = pump;
        _clock = clock;
        _startedAt = ProcessTable.StartOf(pid);
        _busySince = _running.IsEmpty ? _startedAt : _busySince;
        _running[pid] = this;
    }

    /// <summary>Id of the first process, which is also the id of the session and of its first group.</summary>
    public int Id { get; }

    /// <summary>Output as it comes; completes when the process has ended and nobody writes any more, or shortly after its end.</summary>
    public ChannelReader<OutputChunk> Output => _pump.Output;

    /// <summary>Standard input of a conversation; a write waits while the program does not read. Closed with the first call of <see cref="EndAsync"/>.</summary>
    public Stream Input => _input ?? throw new InvalidOperationException("The input was given at the start.");

    /// <summary>Starts a program.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/> when it cannot be started; <see cref="ErrorCode.Unsupported"/> on Windows.</exception>
    public static ProcessGroup Start(ProcessStart start, TimeProvider clock)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new ParleyException(ErrorCode.Unsupported, "Commands run on Linux and macOS only.");
        }

        Posix.AdoptOrphans();
        var stdin = Posix.Pipe();
        var stdout = Posix.Pipe();
        var stderr = Posix.Pipe();
        int error;
        ProcessGroup? group = null;
        lock (_startLock)
        {
            error = Posix.Spawn(start.Command, start.Environment, stdin.Read, stdout.Write, stderr.Write, out var pid);
            if (error == 0)
            {
                var input = start.IsConversation ? new FileStream(new SafeFileHandle(stdin.Write, ownsHandle: true), FileAccess.Write, bufferSize: 0) : null;
                var pump = new ProcessPump(pid, start.IsConversation ? -1 : stdin.Write, stdout.Read, stderr.Read, start, clock);
                group = new ProcessGroup(pid, start.Marker, pump, input, clock);
            }
        }

        Posix.Close(stdin.Read);
        Posix.Close(stdout.Write);
        Posix.Close(stderr.Write);
        if (group is null)
        {
            Posix.Close(stdin.Write);
            Posix.Close(stdout.Read);
            Posix.Close(stderr.Read);
            throw new ParleyException(ErrorCode.ResponderFailed, "The listener's command cannot be started: " + Reason(error));
        }

        return group;
    }

    /// <summary>Begins to stop the whole tree and returns at once.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _kill ??= Task.Run(KillTreeAsync);
        }
    }

    /// <summary>Waits briefly for the process's own end, stops what is left of the tree and cleans up.</summary>
    /// <returns>The exit code, 128 + n for signal n; null when the process could not be killed.</returns>
    public Task<int?> EndAsync()
    {
        lock (_lock)
        {
            return _end ??= Task.Run(EndOnceAsync);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await EndAsync();

    private static string Reason(int error) => error switch
    {
        Posix.ErrorNoEntry => "no such program.",
        Posix.ErrorAccess => "it is not executable.",
        Posix.ErrorTooBig => "arguments and metadata are too long.",
        _ => $"error {error}.",
    };

    private async Task<int?> EndOnceAsync()
    {
        if (_kill is null)
        {
            CloseInput();
            await Task.WhenAny(_pump.Exited, Task.Delay(ProcessPump.Linger, _clock, CancellationToken.None));
        }

        Stop();
        await _kill!;
        if (await Task.WhenAny(_pump.Exited, Task.Delay(_killPatience, _clock, CancellationToken.None)) != _pump.Exited)
        {
            // Only a process of another user can get here (a command that went through sudo).
            _pump.Abandon();
        }

        CloseInput();
        await _pump.Ended;
        var exitCode = Posix.Reap(Id);
        _running.TryRemove(Id, out _);
        ReapAdopted();
        return exitCode;
    }

    private void CloseInput()
    {
        try
        {
            _input?.Dispose();
        }
        catch (IOException)
        {
            // The program was gone first.
        }
    }

    private async Task KillTreeAsync()
    {
        lock (_startLock)
        {
            // Of two runs that end at once the one that looks later sees that the other explains nothing any more.
            _isEnding = true;
        }

        var begun = _clock.GetTimestamp();
        var hasAsked = false;
        while (Alive() is { Count: > 0 } members)
        {
            var elapsed = _clock.GetElapsedTime(begun);
            if (elapsed > Grace + _killPatience)
            {
                return;
            }

            if (!hasAsked || elapsed >= Grace)
            {
                var signal = hasAsked ? Posix.SigKill : Posix.SigTerm;
                Posix.Kill(-Id, signal);
                members.ForEach(member => Posix.Kill(member, signal));
                hasAsked = true;
            }

            await Task.Delay(_step, _clock, CancellationToken.None);
        }
    }

    // Zombies are dead already; adopted ones are taken off the table on the way.
    private List<int> Alive()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Posix.Kill(-Id, 0) ? [Id] : [];
        }

        List<ProcessRow> members;
        lock (_startLock)
        {
            members = ProcessTable.MembersOf(ProcessTable.Read(), Id, Environment.ProcessId, IsOurs);
        }

        var alive = new List<int>();
        foreach (var member in members)
        {
            if (!member.IsZombie)
            {
                alive.Add(member.Pid);
            }
            else if (member.Pid != Id && member.Parent == Environment.ProcessId)
            {
                Posix.Reap(member.Pid);
            }
        }

        return alive;
    }

    // An orphan in a foreign session: ours when it carries our marker, and also when none of the runs that go on could have left it.
    private bool IsOurs(ProcessRow row) =>
        !_running.ContainsKey(row.Pid) && !_running.ContainsKey(row.Session) &&
        (ProcessTable.HasVariable(row.Pid, _marker) || (row.StartedAt >= _busySince && !_running.Values.Any(run => run != this && run.CouldHaveStarted(row))));

    // A run that is about to end kills what carries its marker itself.
    private bool CouldHaveStarted(ProcessRow row) => _startedAt <= row.StartedAt && (!_isEnding || ProcessTable.HasVariable(row.Pid, _marker));

    private static void ReapAdopted()
    {
        lock (_startLock)
        {
            ReapAdoptedLocked(ProcessTable.Read());
        }
    }

    private static void ReapAdoptedLocked(List<ProcessRow> rows)
    {
        var ownSession = rows.Find(row => row.Pid == Environment.ProcessId).Session;
        foreach (var row in rows)
        {
            if (row.IsZombie && row.Parent == Environment.ProcessId && row.Session != ownSession && !_running.ContainsKey(row.Pid))
            {
                Posix.Reap(row.Pid);
            }
        }
    }
}
