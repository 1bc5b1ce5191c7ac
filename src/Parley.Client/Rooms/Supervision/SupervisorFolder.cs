using System.Globalization;
using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Messaging;

namespace Parley.Client.Rooms.Supervision;

/// <summary>The folder of one supervised session: <c>session.json</c>, <c>token</c>, <c>transcript.log</c>, and the files of the newest message. Folder 0700, files 0600.</summary>
public sealed class SupervisorFolder
{
    private const string Prefix = "a2a_";

    private readonly TimeProvider _time;

    private SupervisorFolder(SavedSession session, TimeProvider time) => (Session, _time) = (session, time);

    /// <summary>The seat and what is known of it.</summary>
    public SavedSession Session { get; }

    /// <summary>What the runner reads.</summary>
    public string PromptFile => Session.PathOf("runner-prompt.txt");

    /// <summary>The partner's message as it came, without its marker.</summary>
    public string MessageFile => Session.PathOf("incoming-message.txt");

    /// <summary>Where a runner may put its answer.</summary>
    public string ResponseFile => Session.PathOf("runner-response.txt");

    private string TranscriptFile => Session.PathOf("transcript.log");

    /// <summary>Makes the folder of a new session, <c>a2a_MILLISECONDS_8HEX</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>.</exception>
    public static SupervisorFolder Create(string root, SessionFacts facts, TimeProvider time, FillRandom random)
    {
        Span<byte> digits = stackalloc byte[4];
        random(digits);
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{time.GetUtcNow().ToUnixTimeMilliseconds()}_{Convert.ToHexStringLower(digits)}");
        try
        {
            SecretFile.OpenFolder(root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"The folder of sessions {root} cannot be made or opened: --session-root names another.", exception);
        }

        return new SupervisorFolder(SavedSession.Create(Path.Combine(root, name), facts, time), time);
    }

    /// <summary>The sessions under a root, newest first.</summary>
    public static IReadOnlyList<SavedSession> List(string root, TimeProvider time) => Directory.Exists(root)
        ? [.. Directory.EnumerateDirectories(root, Prefix + "*").OrderDescending(StringComparer.Ordinal).Select(folder => SavedSession.TryOpen(folder, time)).OfType<SavedSession>()]
        : [];

    /// <summary>Writes a text into a file of the folder.</summary>
    public static void Write(string path, string text) => SecretFile.Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds to the transcript.</summary>
    /// <param name="head">What it is: <c>INBOUND Agent-1a2b [OVER]</c>.</param>
    /// <param name="text">The text; null for an event without one.</param>
    public void Note(string head, string? text)
    {
        var lines = new StringBuilder();
        lines.Append(_time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)).Append(' ').Append(head).Append('\n');
        foreach (var line in (text ?? string.Empty).AsSpan().EnumerateLines())
        {
            if (text is not null)
            {
                lines.Append("│ ").Append(line).Append('\n');
            }
        }

        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(TranscriptFile, options);
        file.Write(Encoding.UTF8.GetBytes(lines.ToString()));
    }
}
