using Parley.Output;

namespace Parley.Cli.A2a;

/// <summary>Ctrl-C while a command runs elsewhere: a person is asked once whether it shall stop there, too; a second Ctrl-C leaves without an answer. Without a terminal the first one cancels.</summary>
internal sealed class CancelQuestion : IDisposable
{
    private readonly CancellationTokenSource _cancel;
    private readonly Terminal _terminal;
    private readonly CancellationToken _stopped;
    private readonly IDisposable? _handler;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _leaving;
    private int _asked;

    /// <summary>Begins to take Ctrl-C.</summary>
    /// <param name="terminal">Where the question is asked.</param>
    /// <param name="stopped">The program is to end.</param>
    public CancelQuestion(Terminal terminal, CancellationToken stopped)
    {
        (_terminal, _stopped) = (terminal, stopped);
        var isPerson = terminal.Traits is { IsInputTerminal: true, IsErrorTerminal: true };
        _cancel = isPerson ? new CancellationTokenSource() : CancellationTokenSource.CreateLinkedTokenSource(stopped);
        Token = _cancel.Token;
        if (isPerson)
        {
            _handler = terminal.Interrupts.Handle(TryAsk);
            _leaving = stopped.Register(() => _left.TrySetResult());
        }
    }

    /// <summary>Cancelled when the remote work is to stop.</summary>
    public CancellationToken Token { get; }

    /// <summary>Completes when the person leaves and lets the remote work go on.</summary>
    public Task Left => _left.Task;

    /// <inheritdoc/>
    public void Dispose()
    {
        _leaving.Dispose();
        _handler?.Dispose();
        _cancel.Dispose();
    }

    private bool TryAsk()
    {
        if (Interlocked.Exchange(ref _asked, 1) != 0)
        {
            return false;
        }

        _ = Task.Run(AskAsync);
        return true;
    }

    private async Task AskAsync()
    {
        try
        {
            if (await _terminal.ConfirmAsync("Stop it there, too? Ctrl-C again leaves it running", _stopped))
            {
                await _cancel.CancelAsync();
            }
            else
            {
                // Asked again at the next Ctrl-C.
                Volatile.Write(ref _asked, 0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The command is over.
        }
    }
}
