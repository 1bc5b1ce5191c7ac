using System.Diagnostics;
using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Transfers;

/// <summary>Runs a receiver and a sender as processes and watches them.</summary>
internal sealed class TransferRun(TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(2);

    private readonly List<Process> _processes = [];
    private readonly TimeSpan _processorBefore = ChildProcesses.ProcessorTime();
    private long _peak;

    /// <summary>Starts one end. What it prints is thrown away, but for the errors of one that fails.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="watch">Told each line that it prints to its standard error.</param>
    public Process Start(string program, IEnumerable<string> arguments, string folder, string input = "", Action<string>? watch = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.OutputDataReceived += (_, line) => watch?.Invoke(line.Data ?? string.Empty);
        process.ErrorDataReceived += (_, line) => watch?.Invoke(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }

    /// <summary>Waits until all that were started have ended.</summary>
    /// <param name="begun">When the sender was started.</param>
    /// <param name="target">The folder that fills.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="InvalidOperationException">One failed.</exception>
    public async Task<TransferCost> EndAsync(long begun, string target, CancellationToken cancellationToken)
    {
        TimeSpan? first = null;
        while (_processes.Exists(process => !process.HasExited))
        {
            first ??= Directory.EnumerateFileSystemEntries(target).Any() ? timeProvider.GetElapsedTime(begun) : null;
            foreach (var process in _processes)
            {
                Look(process.Id);
            }

            if (_processes.Find(process => process.HasExited && process.ExitCode != 0) is { } failed)
            {
                throw new InvalidOperationException($"{failed.StartInfo.FileName} {failed.StartInfo.ArgumentList.FirstOrDefault()} ended with exit code {failed.ExitCode}.");
            }

            await Task.Delay(_look, timeProvider, cancellationToken);
        }

        var elapsed = timeProvider.GetElapsedTime(begun);
        foreach (var process in _processes)
        {
            await process.WaitForExitAsync(cancellationToken);
        }

        return new TransferCost(elapsed, first ?? elapsed, ChildProcesses.ProcessorTime() - _processorBefore, _peak);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            process.Dispose();
        }
    }

    private void Look(int process)
    {
        try
        {
            if (ProcessUsage.TryReadKilobytes(File.ReadAllText($"/proc/{process}/status"), "VmHWM:", out var bytes))
            {
                _peak = Math.Max(_peak, bytes);
            }

            foreach (var child in File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Look(int.Parse(child));
            }
        }
        catch (IOException)
        {
            // It has just ended.
        }
    }
}
