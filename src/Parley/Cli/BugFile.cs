using System.Globalization;
using System.Text;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Cli;

/// <summary><c>last-bug.txt</c>: what went wrong lately, with its stack, for whoever can mend it. In the home, or in a hub's data folder; mode 0600.</summary>
/// <remarks>
/// The newest stands first, and what does not fit into 64 KiB is forgotten. Of what was logged the file has type and stack, and the message of an exception of ours:
/// the messages of others may quote what an agent was sent.
/// </remarks>
/// <param name="locate">The folder; asked when something is kept.</param>
/// <param name="time">The clock.</param>
internal sealed class BugFile(Func<string> locate, TimeProvider time)
{
    /// <summary>The file's name.</summary>
    public const string Name = "last-bug.txt";

    private const int MaxBytes = 64 * 1024;

    // A fault that comes with every message would keep the disk busy: it is the first ones that explain it.
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _keptAt;

    /// <summary>Keeps what a log line says of an exception.</summary>
    /// <returns>The file's path; null when it was not kept: one was kept in this second, or the file cannot be written.</returns>
    public string? TryKeep(string line, Exception exception)
    {
        lock (_lock)
        {
            if (_keptAt is { } last && time.GetElapsedTime(last) < _pause)
            {
                return null;
            }

            _keptAt = time.GetTimestamp();
            return TryWrite(line + "\n" + Describe(exception));
        }
    }

    /// <summary>Keeps a text as it is.</summary>
    /// <returns>The file's path; null when it cannot be written.</returns>
    public string? TryWrite(string text)
    {
        try
        {
            var folder = locate();
            SecretFile.OpenFolder(folder);
            var path = Path.Combine(folder, Name);
            var whole = Encoding.UTF8.GetBytes($"{time.GetUtcNow().ToString("u", CultureInfo.InvariantCulture)} {text.TrimEnd()}\n\n{ReadOlder(path)}");
            SecretFile.Write(path, whole.AsSpan(0, Math.Min(whole.Length, MaxBytes)));
            return path;
        }
        catch (Exception unwritable) when (unwritable is ParleyException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps an exception that nobody foresaw whole, and says so in a line: its text may quote content, so it does not go to the screen.</summary>
    /// <param name="terminal">Where the line goes.</param>
    /// <param name="exception">What nobody foresaw.</param>
    /// <param name="what">What the line begins with.</param>
    public void Tell(Terminal terminal, Exception exception, string what = "")
    {
        var path = TryWrite(exception.ToString());
        terminal.Note($"{what}a defect of Parley's: {exception.GetType().Name}; {(path is null ? "its details could not be saved" : $"the details are in {path}")}");
    }

    private static string ReadOlder(string path)
    {
        try
        {
            return File.Exists(path) ? Encoding.UTF8.GetString(SecretFile.Read(path)) : string.Empty;
        }
        catch (ParleyException)
        {
            // Others may read it, or it is no file of ours: what is written now takes its place.
            return string.Empty;
        }
    }

    private static string Describe(Exception exception)
    {
        var text = new StringBuilder();
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            text.Append(inner.GetType().FullName).Append(inner is ParleyException ? ": " + inner.Message : string.Empty).Append('\n').Append(inner.StackTrace).Append('\n');
        }

        return text.ToString();
    }
}
