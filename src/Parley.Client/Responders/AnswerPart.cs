using System.Buffers;
using System.Text;
using Google.Protobuf;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using FilePart = Parley.Protocol.Wire.FilePart;

namespace Parley.Client.Responders;

/// <summary>One part of an artifact; text and files may grow.</summary>
internal sealed class AnswerPart
{
    private readonly Part _about;
    private readonly ArrayBufferWriter<byte>? _content;

    /// <summary>A part as it came first.</summary>
    public AnswerPart(Part part)
    {
        _about = part;
        if (part.ContentCase is Part.ContentOneofCase.Text or Part.ContentOneofCase.Raw)
        {
            _content = new ArrayBufferWriter<byte>();
            Write(part);
        }
    }

    /// <summary>Bytes of a part that count towards the limit of files.</summary>
    public static long SizeOf(Part part) => part.ContentCase switch
    {
        Part.ContentOneofCase.Text => Encoding.UTF8.GetByteCount(part.Text),
        Part.ContentOneofCase.Raw => part.Raw.Length,
        _ => part.CalculateSize(),
    } + (part.Metadata?.CalculateSize() ?? 0);

    /// <summary>Takes the next piece of the same text or file; false when the part is something else.</summary>
    public bool TryContinue(Part piece)
    {
        var isSame = _content is not null && piece.ContentCase == _about.ContentCase && piece.Metadata is null &&
            (piece.Filename.Length == 0 || piece.Filename == _about.Filename) &&
            (piece.MediaType.Length == 0 || piece.MediaType == _about.MediaType);
        if (isSame)
        {
            Write(piece);
        }

        return isSame;
    }

    /// <summary>The whole part.</summary>
    public Part ToPart()
    {
        if (_content is null)
        {
            return _about;
        }

        var whole = new Part { Filename = _about.Filename, MediaType = _about.MediaType, Metadata = _about.Metadata };
        if (_about.ContentCase == Part.ContentOneofCase.Text)
        {
            whole.Text = Encoding.UTF8.GetString(_content.WrittenSpan);
        }
        else
        {
            whole.Raw = ByteString.CopyFrom(_content.WrittenSpan);
        }

        return whole;
    }

    /// <summary>The whole part as a file: data as JSON, an address as a list of one address.</summary>
    /// <param name="fallback">Its name, when it has none.</param>
    /// <param name="names">Names that are taken; the file's is added.</param>
    public FilePart ToFile(string fallback, HashSet<string> names)
    {
        var name = _about.Filename.Length > 0 ? _about.Filename : fallback;
        return _about.ContentCase switch
        {
            Part.ContentOneofCase.Data => File(
                name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? name : name + ".json",
                "application/json",
                ByteString.CopyFrom(JsonDialect.V1.ToBytes(_about.Data).Span),
                names),
            Part.ContentOneofCase.Url => File(name + ".uri", "text/uri-list", ByteString.CopyFromUtf8(_about.Url + "\r\n"), names),
            _ => File(name, _about.MediaType, ByteString.CopyFrom(_content!.WrittenSpan), names),
        };
    }

    private static FilePart File(string name, string mediaType, ByteString content, HashSet<string> names)
    {
        var safe = SafeFileName.From(name);
        var unique = safe;
        for (var number = 2; !names.Add(unique); number++)
        {
            unique = $"{number}-{safe}";
        }

        return new FilePart { Name = unique, MediaType = mediaType, Content = content };
    }

    private void Write(Part piece)
    {
        if (piece.ContentCase == Part.ContentOneofCase.Text)
        {
            _content!.Write(Encoding.UTF8.GetBytes(piece.Text));
        }
        else
        {
            _content!.Write(piece.Raw.Span);
        }
    }
}
