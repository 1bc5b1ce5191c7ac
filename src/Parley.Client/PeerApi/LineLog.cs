using System.Text;
using Parley.Protocol.Files;

namespace Parley.Client.PeerApi;

/// <summary>Lines that are appended to a file of mode 0600, which is made anew when most of them are worth nothing any more. Its user keeps it from many threads.</summary>
/// <param name="path">The file.</param>
/// <param name="isDurable">Whether a line is on the disk, not only with the operating system, before <see cref="Append"/> returns.</param>
/// <param name="current">The lines that count now, without line ends.</param>
internal sealed class LineLog(string path, bool isDurable, Func<IReadOnlyCollection<string>> current) : IDisposable
{
    private const int Slack = 2_000;

    private FileStream? _file;
    private int _lines;

    /// <summary>The lines that are there; the last one may have been cut short by a crash.</summary>
    public static IReadOnlyList<string> Read(string path) => File.Exists(path) ? Encoding.ASCII.GetString(SecretFile.Read(path)).Split('\n') : [];

    /// <summary>Writes those that count.</summary>
    public void Rewrite()
    {
        _file?.Dispose();
        var lines = current();
        SecretFile.Write(path, Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        _lines = lines.Count;
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Adds a line, which counts already.</summary>
    /// <param name="line">Without a line end.</param>
    /// <param name="count">How many lines count now.</param>
    public void Append(string line, int count)
    {
        if (_file is null || ++_lines > count + Slack)
        {
            Rewrite();
            return;
        }

        _file.Write(Encoding.ASCII.GetBytes(line + "\n"));
        _file.Flush(isDurable);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
