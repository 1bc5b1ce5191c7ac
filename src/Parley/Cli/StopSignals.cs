using System.Runtime.InteropServices;
using Parley.Output;

namespace Parley.Cli;

/// <summary>Turns Ctrl-C and SIGTERM into a cancellation, unless a command takes Ctrl-C for something smaller; a second signal ends the process the hard way.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

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

        context.Cancel = !_stop.IsCancellationRequested;
        if (context.Cancel)
        {
            _stop.Cancel();
        }
    }
}
