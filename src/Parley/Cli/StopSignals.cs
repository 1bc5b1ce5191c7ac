using System.Runtime.InteropServices;
using Parley.Output;

namespace Parley.Cli;

/// <summary>Turns Ctrl-C and SIGTERM into a cancellation, unless a command takes Ctrl-C for something smaller; a second signal ends the process the hard way.</summary>
internal sealed class StopSignals : IDisposable
{
    // timeout(1) and a terminal's shell tell a process and its group, which is the same signal twice.
    private static readonly TimeSpan _echo = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long _stoppedAt;

    private readonly Interrupts _interrupts;

    /// <summary>Takes the process's signals.</summary>
    /// <param name="interrupts">Who may take Ctrl-C first.</param>
    public StopSignals(Interrupts interrupts)
    {
        _interrupts = interrupts;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Take),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Waits for the first signal.</summary>
    public static async Task WaitAsync(TimeProvider time, CancellationToken stopped) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, time, stopped).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        if (context.Signal == PosixSignal.SIGINT && !_stop.IsCancellationRequested && _interrupts.TryTake())
        {
            context.Cancel = true;
            return;
        }

        var isFirst = Interlocked.CompareExchange(ref _stoppedAt, TimeProvider.System.GetTimestamp(), 0) == 0;
        context.Cancel = isFirst || TimeProvider.System.GetElapsedTime(Volatile.Read(ref _stoppedAt)) < _echo;
        if (isFirst)
        {
            _stop.Cancel();
        }
    }
}
