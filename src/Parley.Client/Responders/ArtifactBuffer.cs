using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>The files of an answer, put together from their pieces, within the limits.</summary>
internal sealed class ArtifactBuffer(AnswerLimits limits)
{
    private readonly List<Entry> _entries = [];
    private long _total;

    /// <summary>Files that were left out at a limit.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Takes a file or its next piece.</summary>
    public void Add(ResponderEvent.ArtifactProduced piece)
    {
        var name = SafeFileName.From(piece.Name);
        var entry = _entries.Find(known => known.Name == name);
        if (entry is null)
        {
            entry = new Entry(name) { IsDropped = _entries.Count(known => !known.IsDropped) >= limits.MaxFiles };
            LeftOut += entry.IsDropped ? 1 : 0;
            _entries.Add(entry);
        }
        else if (!piece.Append)
        {
            _total -= entry.Content.Length;
            entry.Content.SetLength(0);
        }

        entry.MediaType = piece.MediaType ?? entry.MediaType;
        if (entry.IsDropped)
        {
            return;
        }

        // Half a file is worse than none: at the limit the whole file goes.
        if (_total + piece.Bytes.Length > limits.MaxFileBytes)
        {
            Drop(entry);
            return;
        }

        entry.Content.Write(piece.Bytes.Bytes.Span);
        _total += piece.Bytes.Length;
    }

    /// <summary>The files, in the order in which they began, as far as they fit.</summary>
    /// <param name="room">Bytes that the rest of the reply leaves.</param>
    public IEnumerable<FilePart> ToParts(long room)
    {
        foreach (var entry in _entries.Where(entry => !entry.IsDropped).ToList())
        {
            if (entry.Content.Length > room)
            {
                Drop(entry);
                continue;
            }

            room -= entry.Content.Length;
            var content = ByteString.CopyFrom(entry.Content.GetBuffer(), 0, (int)entry.Content.Length);
            yield return new FilePart
            {
                Name = entry.Name,
                Content = content,
                Sha256 = ByteString.CopyFrom(SHA256.HashData(content.Span)),
                MediaType = entry.MediaType ?? string.Empty,
            };
        }
    }

    private void Drop(Entry entry)
    {
        _total -= entry.Content.Length;
        entry.Content.SetLength(0);
        entry.IsDropped = true;
        LeftOut++;
    }

    private sealed class Entry(string name)
    {
        public string Name { get; } = name;

        public MemoryStream Content { get; } = new();

        public string? MediaType { get; set; }

        public bool IsDropped { get; set; }
    }
}
