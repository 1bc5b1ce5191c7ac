using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Gateway.Wire.V1;
using FilePart = Parley.Protocol.Wire.FilePart;

namespace Parley.Client.Responders;

/// <summary>The artifacts of an answer, put together from their pieces, within the limits: as A2A has them, and as the files that other senders get.</summary>
internal sealed class AnswerArtifacts(AnswerLimits limits)
{
    private readonly List<Entry> _entries = [];
    private long _total;

    /// <summary>Artifacts that were left out at a limit.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Takes a file or its next piece.</summary>
    /// <returns>What to tell of it, null for nothing.</returns>
    public TaskArtifactUpdateEvent? Add(ResponderEvent.ArtifactProduced piece)
    {
        var name = SafeFileName.From(piece.Name);
        var part = new Part { Filename = name, MediaType = piece.MediaType ?? string.Empty };
        var content = UnsafeByteOperations.UnsafeWrap(piece.Bytes.Bytes);
        if (piece.IsText)
        {
            part.Text = content.ToStringUtf8();
        }
        else
        {
            part.Raw = content;
        }

        return Add(new Artifact { ArtifactId = name, Name = name, Parts = { part } }, piece.Append, piece.Last);
    }

    /// <summary>Takes an artifact or its next parts.</summary>
    /// <returns>What to tell of it, null for nothing: it was left out at a limit.</returns>
    public TaskArtifactUpdateEvent? Add(Artifact piece, bool append, bool isLast)
    {
        var entry = _entries.Find(known => known.Id == piece.ArtifactId);
        var continues = append && entry is not null;
        if (entry is null)
        {
            entry = new Entry(piece.ArtifactId) { IsDropped = _entries.Count(known => !known.IsDropped) >= limits.MaxFiles };
            LeftOut += entry.IsDropped ? 1 : 0;
            _entries.Add(entry);
        }
        else if (!append)
        {
            _total -= entry.Size;
            entry.Clear();
        }

        if (entry.IsDropped)
        {
            return null;
        }

        // Half an artifact is worse than none: at the limit the whole goes.
        var before = entry.Size;
        entry.Add(piece, continues);
        _total += entry.Size - before;
        if (_total > limits.MaxFileBytes)
        {
            Drop(entry);
            return null;
        }

        return new TaskArtifactUpdateEvent { Artifact = piece, Append = continues, LastChunk = isLast };
    }

    /// <summary>The artifacts, in the order in which they began, as far as they fit.</summary>
    /// <param name="room">Bytes that the rest of the reply leaves.</param>
    public IEnumerable<Artifact> ToArtifacts(long room)
    {
        foreach (var entry in _entries.Where(entry => !entry.IsDropped).ToList())
        {
            var artifact = entry.ToArtifact();
            var size = artifact.CalculateSize();
            if (size > room)
            {
                Drop(entry);
                continue;
            }

            room -= size;
            yield return artifact;
        }
    }

    /// <summary>The same as files, for senders that know nothing else; as far as they fit.</summary>
    /// <param name="room">Bytes that the rest of the reply leaves.</param>
    /// <param name="isCopy">The reply has them as artifacts already: what does not fit is not lost.</param>
    public IEnumerable<FilePart> ToFiles(long room, bool isCopy)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in _entries.Where(entry => !entry.IsDropped).ToList())
        {
            var files = entry.ToFiles(names);
            var size = files.Sum(file => (long)file.Content.Length);
            if (size > room)
            {
                if (!isCopy)
                {
                    Drop(entry);
                }

                continue;
            }

            room -= size;
            foreach (var file in files)
            {
                file.Sha256 = ByteString.CopyFrom(SHA256.HashData(file.Content.Span));
                yield return file;
            }
        }
    }

    private void Drop(Entry entry)
    {
        _total -= entry.Size;
        entry.Clear();
        entry.IsDropped = true;
        LeftOut++;
    }

    private sealed class Entry(string id)
    {
        private readonly List<AnswerPart> _parts = [];
        private Artifact _about = new() { ArtifactId = id };

        public string Id => id;

        public bool IsDropped { get; set; }

        public long Size { get; private set; }

        public void Clear()
        {
            _parts.Clear();
            _about = new Artifact { ArtifactId = id };
            Size = 0;
        }

        public void Add(Artifact piece, bool continues)
        {
            var about = piece.Clone();
            about.Parts.Clear();
            _about.MergeFrom(about);
            Size += about.Description.Length + (about.Metadata?.CalculateSize() ?? 0);
            for (var index = 0; index < piece.Parts.Count; index++)
            {
                var part = piece.Parts[index];
                Size += AnswerPart.SizeOf(part);
                if (!continues || index > 0 || _parts.Count == 0 || !_parts[^1].TryContinue(part))
                {
                    _parts.Add(new AnswerPart(part));
                }
            }
        }

        public Artifact ToArtifact()
        {
            var artifact = _about.Clone();
            artifact.Parts.AddRange(_parts.Select(part => part.ToPart()));
            return artifact;
        }

        public List<FilePart> ToFiles(HashSet<string> names) =>
            [.. _parts.Select(part => part.ToFile(_about.Name.Length > 0 ? _about.Name : id, names))];
    }
}
