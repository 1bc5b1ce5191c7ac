using System.Globalization;
using System.Text;
using Parley.Client.Chat;
using Parley.Protocol.Errors;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>What was said, in a file that the user asked for: a line each, with its time and who said it. Nobody else may read the file.</summary>
internal sealed class ChatHistory : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer;

    private ChatHistory(Stream stream) => _writer = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };

    /// <summary>Opens the file, to add to it; made with mode 0600.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>: others may read the file that is there.</exception>
    public static ChatHistory Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            if (File.Exists(path) && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            {
                throw new ParleyException(ErrorCode.FilePermissions, "The history's file may be read by others: chmod 600 it, or name another.");
            }

            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new ChatHistory(new FileStream(path, options));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The history's file cannot be written.", exception);
        }
    }

    /// <summary>Adds a line.</summary>
    /// <param name="at">When it was said.</param>
    /// <param name="who">Who said it.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="text">Words, or a file's name.</param>
    public void Add(DateTimeOffset at, string who, ChatItemKind kind, string text)
    {
        var what = kind == ChatItemKind.Offer ? $"(file) {text}" : text;
        lock (_gate)
        {
            _writer.WriteLine($"{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)} {who}: {TransferText.Line(what)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _writer.Dispose();
        }
        catch (IOException)
        {
            // The line that found no room was told.
        }
    }
}
