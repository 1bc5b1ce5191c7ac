using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Parley.Output;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>The lowest line of a terminal, where a person types, with what waits and who types; everything else is written above it.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="keys">Waits for the next key; blocks its thread.</param>
/// <param name="typed">Told whether something stands in the line.</param>
internal sealed class ChatPrompt(Terminal terminal, Func<ConsoleKeyInfo> keys, Action<bool> typed)
{
    private const string Clear = "\r\x1b[K";
    private const string Sign = "> ";
    private const int LeastRoom = 10;
    private readonly Lock _gate = new();
    private readonly LineEdit _line = new();
    private string? _typing;
    private int _waiting;
    private bool _isShown;

    /// <summary>Lines as they are typed.</summary>
    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pressed = Channel.CreateBounded<ConsoleKeyInfo>(256);

        // A thread of its own, since a key cannot be waited for otherwise; it ends with the program.
        new Thread(() => Press(pressed.Writer)) { IsBackground = true, Name = "keys" }.Start();
        lock (_gate)
        {
            _isShown = true;
            Draw();
        }

        try
        {
            while (true)
            {
                var key = await pressed.Reader.ReadAsync(cancellationToken);
                if (_line.IsEnd(key))
                {
                    yield break;
                }

                string? done;
                lock (_gate)
                {
                    done = _line.Take(key);
                    Draw();
                }

                typed(_line.Text.Length > 0 && !_line.Text.StartsWith('/'));
                if (done is not null)
                {
                    yield return done;
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _isShown = false;
                terminal.TextOutput.Write(Clear);
            }
        }
    }

    /// <summary>Writes something above the line.</summary>
    public void Above(Action write)
    {
        lock (_gate)
        {
            if (_isShown)
            {
                terminal.TextOutput.Write(Clear);
            }

            write();
            Draw();
        }
    }

    /// <summary>Who types; null for nobody.</summary>
    public void SetTyping(string? who)
    {
        lock (_gate)
        {
            _typing = who;
            Draw();
        }
    }

    /// <summary>How much has not arrived.</summary>
    public void SetWaiting(int count)
    {
        lock (_gate)
        {
            _waiting = count;
            Draw();
        }
    }

    /// <summary>Draws the line anew, when the screen has another width.</summary>
    public void Redraw()
    {
        lock (_gate)
        {
            Draw();
        }
    }

    private void Press(ChannelWriter<ConsoleKeyInfo> pressed)
    {
        try
        {
            while (pressed.WaitToWriteAsync().AsTask().GetAwaiter().GetResult() && pressed.TryWrite(keys()))
            {
                // The next.
            }
        }
        catch (InvalidOperationException)
        {
            // The terminal is gone.
            pressed.TryComplete();
        }
    }

    private void Draw()
    {
        if (!_isShown)
        {
            return;
        }

        // A line that wraps could not be cleared, so what is said beside it gives way on a narrow screen.
        var width = Math.Max(terminal.Traits.Width() - 1, Sign.Length + 1);
        var state = (_typing is null ? string.Empty : $"{_typing} is typing ") + (_waiting == 0 ? string.Empty : $"[{_waiting} not delivered] ") + Sign;
        var shown = TerminalCells.Of(state) + LeastRoom <= width ? state : Sign;
        terminal.TextOutput.Write(Clear + shown + _line.Tail(width - TerminalCells.Of(shown)));
    }
}
