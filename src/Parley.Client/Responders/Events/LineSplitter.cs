using System.Buffers;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Events;

/// <summary>Cuts a byte stream into lines (LF or CRLF). Pure.</summary>
/// <param name="maxLineBytes">Longest line.</param>
internal sealed class LineSplitter(int maxLineBytes)
{
    private readonly ArrayBufferWriter<byte> _open = new();

    /// <summary>Takes the next bytes and gives the lines that they complete, empty ones left out.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/> for a line that is too long.</exception>
    public List<byte[]> Add(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<byte[]>();
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            Keep(bytes[..end]);
            Close(lines);
        }

        Keep(bytes);
        return lines;
    }

    /// <summary>The last line, when the stream ends without a line break.</summary>
    public List<byte[]> End()
    {
        var lines = new List<byte[]>();
        Close(lines);
        return lines;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_open.WrittenCount + bytes.Length > maxLineBytes)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, $"The responder wrote a line of more than {maxLineBytes / (1024 * 1024)} MiB.");
        }

        _open.Write(bytes);
    }

    private void Close(List<byte[]> lines)
    {
        var line = _open.WrittenSpan.TrimEnd((byte)'\r');
        if (!line.IsEmpty)
        {
            lines.Add(line.ToArray());
        }

        _open.ResetWrittenCount();
    }
}
