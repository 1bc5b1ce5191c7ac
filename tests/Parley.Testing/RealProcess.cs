using System.Diagnostics;
using System.Text;

namespace Parley.Testing;

/// <summary>A real child process: its output captured, its lines awaited, and gone (with its children) after the test.</summary>
public sealed class RealProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Captured _output = new();
    private readonly Captured _error = new();
    private readonly Task _drained;

    private RealProcess(Process process)
    {
        _process = process;
        _drained = Task.WhenAll(_output.PumpAsync(process.StandardOutput), _error.PumpAsync(process.StandardError));
    }

    /// <summary>The operating system's id.</summary>
    public int Id => _process.Id;

    /// <summary>Standard output so far.</summary>
    public string Output => _output.Text;

    /// <summary>Standard error so far.</summary>
    public string Error => _error.Text;

    /// <summary>Its exit code, once it ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether it ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="program">Path or name on PATH.</param>
    /// <param name="arguments">Its arguments; never a secret.</param>
    /// <param name="environment">Variables to set, or to remove where the value is null.</param>
    /// <param name="folder">Its working folder; null = the test's own.</param>
    /// <param name="keepInput">Whether standard input stays open for <see cref="WriteAsync"/>; otherwise it is empty.</param>
    public static RealProcess Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? folder = null,
        bool keepInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? string.Empty,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        if (!keepInput)
        {
            process.StandardInput.Close();
        }

        return new RealProcess(process);
    }

    /// <summary>Starts a program, gives it input and waits for its end.</summary>
    public static async Task<ProcessOutcome> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string input = "",
        IReadOnlyDictionary<string, string?>? environment = null,
        string? folder = null)
    {
        await using var process = Start(program, arguments, environment, folder, keepInput: true);
        await process.WriteAsync(input);
        process.CloseInput();
        var exitCode = await process.WaitForExitAsync();
        return new ProcessOutcome(exitCode, process.Output, process.Error);
    }

    /// <summary>Writes to its standard input.</summary>
    public async Task WriteAsync(string text)
    {
        try
        {
            await _process.StandardInput.WriteAsync(text);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException) when (text.Length == 0 || _process.HasExited)
        {
            // A program that needs no input may be gone before it is written.
        }
    }

    /// <summary>Ends its standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits for a line on standard output that contains this.</summary>
    public Task<string> WaitForOutputAsync(string part) => WaitForLineAsync(_output, part);

    /// <summary>Waits for a line on standard error that contains this.</summary>
    public Task<string> WaitForErrorAsync(string part) => WaitForLineAsync(_error, part);

    /// <summary>Waits for its end and all of its output.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(Deadline.Shared);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await _drained.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{this} did not end.");
        }

        return _process.ExitCode;
    }

    /// <summary>Asks it to stop as an operator does: SIGTERM.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Stops it as Ctrl-C does: SIGINT.</summary>
    public void Interrupt() => Signal("INT");

    /// <summary>Ends it at once and without a last word: SIGKILL, to it alone.</summary>
    public void Kill() => _process.Kill();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Stops it where it is, until <see cref="GoOn"/>.</summary>
    public void Halt() => Signal("STOP");

    /// <summary>Lets it go on.</summary>
    public void GoOn() => Signal("CONT");

    /// <summary>Whether it has a child now; of Linux alone.</summary>
    public bool HasChild() => Directory.EnumerateDirectories($"/proc/{Id}/task").Any(static thread => File.ReadAllText(Path.Combine(thread, "children")).Length > 0);

    /// <summary>The command and what it printed, for a failure message; arguments may not hold secrets.</summary>
    public override string ToString() =>
        $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}\n--- stdout\n{Output}\n--- stderr\n{Error}";

    private void Signal(string name)
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-" + name, Id.ToString()]);
            kill.WaitForExit();
        }
    }

    private async Task<string> WaitForLineAsync(Captured captured, string part)
    {
        var found = captured.WaitForAsync(part);
        if (await Task.WhenAny(found, _drained.ContinueWith(_ => { }, TaskScheduler.Default), Task.Delay(Deadline.Shared, TimeProvider.System)) != found && !found.IsCompleted)
        {
            throw new TimeoutException($"No line with \"{part}\": {this}");
        }

        return await found;
    }

    private sealed class Captured
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();
        private readonly List<string> _lines = [];
        private readonly List<(string Part, TaskCompletionSource<string> Found)> _waiting = [];

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return _text.ToString();
                }
            }
        }

        public async Task PumpAsync(StreamReader reader)
        {
            var buffer = new char[4096];
            var line = new StringBuilder();
            for (int count; (count = await reader.ReadAsync(buffer)) > 0;)
            {
                Take(buffer.AsSpan(0, count), line);
            }

            Finish(line);
        }

        public Task<string> WaitForAsync(string part)
        {
            lock (_lock)
            {
                if (_lines.Find(line => line.Contains(part, StringComparison.Ordinal)) is { } present)
                {
                    return Task.FromResult(present);
                }

                var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((part, found));
                return found.Task;
            }
        }

        private void Take(ReadOnlySpan<char> characters, StringBuilder line)
        {
            lock (_lock)
            {
                _text.Append(characters);
                foreach (var character in characters)
                {
                    if (character == '\n')
                    {
                        Finish(line);
                    }
                    else
                    {
                        line.Append(character);
                    }
                }
            }
        }

        private void Finish(StringBuilder line)
        {
            lock (_lock)
            {
                var text = line.ToString();
                line.Clear();
                _lines.Add(text);
                foreach (var (_, found) in _waiting.Where(waiting => text.Contains(waiting.Part, StringComparison.Ordinal)))
                {
                    found.TrySetResult(text);
                }
            }
        }
    }
}
