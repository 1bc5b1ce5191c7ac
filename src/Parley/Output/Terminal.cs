using System.Buffers;
using System.Text;

namespace Parley.Output;

/// <summary>Standard input, output and error: the only type that touches the console.</summary>
/// <remarks>
/// Data goes to standard output, everything else to standard error. What comes from others passes <see cref="SafeText"/> where a terminal would obey it, and goes out
/// byte for byte into files and pipes.
/// </remarks>
internal sealed class Terminal : IDisposable
{
    private readonly Stream _output;
    private readonly Stream _error;
    private readonly SafeText _outputFilter = new();
    private readonly SafeText _errorFilter = new();
    private readonly Lock _lock = new();
    private StreamReader? _lines;
    private Task<string?>? _typed;

    /// <summary>Puts a terminal together from streams; tests give memory streams.</summary>
    public Terminal(Stream input, Stream output, Stream error, TerminalTraits traits)
    {
        (Input, _output, _error, Traits) = (input, output, error, traits);
        TextOutput = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        TextError = new StreamWriter(error, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Standard input.</summary>
    public Stream Input { get; }

    /// <summary>What is a terminal, how wide, and whether colour is welcome.</summary>
    public TerminalTraits Traits { get; }

    /// <summary>Who takes Ctrl-C before it stops the program.</summary>
    public Interrupts Interrupts { get; } = new();

    /// <summary>Standard output for text of our own, such as help.</summary>
    public TextWriter TextOutput { get; }

    /// <summary>Standard error for text of our own.</summary>
    public TextWriter TextError { get; }

    /// <summary>Waits for a key, blocking its thread, without showing it; null when nobody types at keys.</summary>
    public Func<ConsoleKeyInfo>? Keys { get; init; }

    /// <summary>The process's own console.</summary>
    public static Terminal OpenConsole(Func<string, string?> environment)
    {
#pragma warning disable RS0030 // Here, and nowhere else.
        var traits = new TerminalTraits(
            !Console.IsInputRedirected,
            !Console.IsOutputRedirected,
            !Console.IsErrorRedirected,
            string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb",
            () => Console.WindowWidth);
        return new Terminal(Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.OpenStandardError(), traits)
        {
            Keys = Console.IsInputRedirected ? null : static () => Console.ReadKey(intercept: true),
        };
#pragma warning restore RS0030
    }

    /// <summary>Writes text to standard output as it is, but safe for a terminal.</summary>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a line to standard output.</summary>
    public void WriteLine(string text) => Write(text + "\n");

    /// <summary>Writes one JSON document as a line to standard output, into files and pipes too, with what a terminal would obey escaped.</summary>
    public void WriteJson(string json) => Write(SafeText.EscapeJson(json) + "\n");

    /// <summary>Writes bytes to standard output: unchanged into a file or pipe, safe on a terminal.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => Write(_output, _outputFilter, Traits.IsOutputTerminal, bytes);

    /// <summary>Writes somebody's standard error to ours, on the same terms.</summary>
    public void WriteError(ReadOnlySpan<byte> bytes) => Write(_error, _errorFilter, Traits.IsErrorTerminal, bytes);

    /// <summary>Says something to the person in front of the screen: one line on standard error that starts with <c>parley: </c>, whatever the text quotes.</summary>
    public void Note(string text) => Status("parley: " + SafeText.Line(text));

    /// <summary>Writes a line to standard error as it is; for lines that scripts wait for, such as <c>ready</c>.</summary>
    public void Status(string line)
    {
        lock (_lock)
        {
            _error.Write(Encoding.UTF8.GetBytes(SafeText.Clean(line) + "\n"));
            _error.Flush();
        }
    }

    /// <summary>Writes what a cut character left behind.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            FlushFilter(_output, _outputFilter);
            FlushFilter(_error, _errorFilter);
        }
    }

    /// <summary>Reads all of standard input as text, without the line end that a shell adds; for secrets and messages given as <c>-</c>.</summary>
    public async Task<string> ReadAllInputAsync(CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(Input, new UTF8Encoding(false), leaveOpen: true);
        return (await reader.ReadToEndAsync(cancellationToken)).TrimEnd('\r', '\n');
    }

    /// <summary>Asks a yes-or-no question; without a terminal the answer is no.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Ends the wait for an answer.</param>
    /// <param name="list">Shows all that is asked about, for whoever answers <c>l</c>, who is asked again then.</param>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken, Action? list = null)
    {
        if (!Traits.IsInputTerminal || !Traits.IsErrorTerminal)
        {
            return false;
        }

        while (true)
        {
            _error.Write(Encoding.UTF8.GetBytes($"{SafeText.Clean(question)} {(list is null ? "[y/N]" : "[y/N/l: list all]")} "));

            // A read of a terminal cannot be canceled once it has begun: who asks no longer leaves it to the next question, which would else miss its answer.
            // What was typed before a question was shown is no answer to it.
            _lines ??= new StreamReader(Input, new UTF8Encoding(false), leaveOpen: true);
            var typed = _typed is { IsCompleted: false } pending ? pending : _lines.ReadLineAsync(CancellationToken.None).AsTask();
            _typed = typed;
            var answer = await typed.WaitAsync(cancellationToken);
            if (list is null || answer?.Trim().ToLowerInvariant() is not ("l" or "list"))
            {
                return answer?.Trim().ToLowerInvariant() is "y" or "yes";
            }

            list();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        _lines?.Dispose();
        TextOutput.Dispose();
        TextError.Dispose();
    }

    private void Write(Stream stream, SafeText filter, bool isTerminal, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (isTerminal)
            {
                var safe = new ArrayBufferWriter<byte>(bytes.Length + 16);
                filter.Write(bytes, safe);
                stream.Write(safe.WrittenSpan);
            }
            else
            {
                stream.Write(bytes);
            }

            stream.Flush();
        }
    }

    private static void FlushFilter(Stream stream, SafeText filter)
    {
        var rest = new ArrayBufferWriter<byte>(16);
        filter.Flush(rest);
        if (rest.WrittenCount > 0)
        {
            stream.Write(rest.WrittenSpan);
            stream.Flush();
        }
    }
}
