using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Reads the content of messages: a text, or parts. Data in the message becomes files; addresses are handed on as text and never fetched.</summary>
/// <remarks>One reader per request, since files without a name are numbered.</remarks>
internal sealed class ContentReader
{
    private const int MaxEnding = 8;
    private const string Image = "image";

    private int _unnamed;

    /// <summary>The content of one message.</summary>
    /// <param name="content">The member; null when there is none.</param>
    /// <param name="path">Its path.</param>
    public ModelContent Read(JsonElement? content, string path)
    {
        switch (content)
        {
            case null:
                return new ModelContent(string.Empty, [], []);
            case { ValueKind: JsonValueKind.String } text:
                return new ModelContent(text.GetString()!, [], []);
        }

        var found = new Found([], [], []);
        var index = 0;
        foreach (var part in RequestMembers.Items(content.Value, path))
        {
            ReadPart(RequestMembers.Object(part, $"{path}[{index}]"), $"{path}[{index}]", found);
            index++;
        }

        return new ModelContent(string.Join('\n', found.Lines), found.Files, found.Links);
    }

    private void ReadPart(JsonElement part, string path, Found found)
    {
        var kind = RequestMembers.Required(part, "type", $"{path}.type");
        switch (kind)
        {
            case "text" or "input_text" or "output_text":
                found.Lines.Add(RequestMembers.Required(part, "text", $"{path}.text"));
                break;
            case "refusal":
                found.Lines.Add(RequestMembers.Required(part, "refusal", $"{path}.refusal"));
                break;
            case "image_url":
                var image = RequestMembers.Find(part, "image_url") ?? throw RequestMembers.Wrong($"{path}.image_url", "is missing");
                AddReference(RequestMembers.Required(RequestMembers.Object(image, $"{path}.image_url"), "url", $"{path}.image_url.url"), $"{path}.image_url.url", Image, found);
                break;
            case "input_image":
                RefuseStored(part, path);
                AddReference(RequestMembers.Required(part, "image_url", $"{path}.image_url"), $"{path}.image_url", Image, found);
                break;
            case "file":
                var file = RequestMembers.Find(part, "file") ?? throw RequestMembers.Wrong($"{path}.file", "is missing");
                AddFile(RequestMembers.Object(file, $"{path}.file"), $"{path}.file", found);
                break;
            case "input_file":
                AddFile(part, path, found);
                break;
            case "input_audio":
                var audio = RequestMembers.Find(part, "input_audio") ?? throw RequestMembers.Wrong($"{path}.input_audio", "is missing");
                AddAudio(RequestMembers.Object(audio, $"{path}.input_audio"), $"{path}.input_audio", found);
                break;
            default:
                throw RequestMembers.Wrong($"{path}.type", "is not a kind of content that is known here");
        }
    }

    private void AddFile(JsonElement file, string path, Found found)
    {
        RefuseStored(file, path);
        var name = RequestMembers.Text(file, "filename", $"{path}.filename");
        if (RequestMembers.Text(file, "file_url", $"{path}.file_url") is { } url)
        {
            AddReference(url, $"{path}.file_url", "file", found, name);
            return;
        }

        var data = RequestMembers.Required(file, "file_data", $"{path}.file_data");
        if (data.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            AddReference(data, $"{path}.file_data", "file", found, name);
        }
        else
        {
            found.Files.Add(new ModelFile(NameOf(name, "file", string.Empty), string.Empty, Decode(data, $"{path}.file_data")));
        }
    }

    private void AddAudio(JsonElement audio, string path, Found found)
    {
        var format = RequestMembers.Required(audio, "format", $"{path}.format");
        var type = $"audio/{Ending(format)}";
        found.Files.Add(new ModelFile(NameOf(null, "audio", type), type, Decode(RequestMembers.Required(audio, "data", $"{path}.data"), $"{path}.data")));
    }

    private void AddReference(string address, string path, string kind, Found found, string? name = null)
    {
        if (!address.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw RequestMembers.Wrong(path, "must be an address with http or https, or a data URL");
            }

            found.Lines.Add($"Attached {kind}: {uri.AbsoluteUri}");
            found.Links.Add(new ModelLink(uri.AbsoluteUri, kind == Image ? "image/*" : string.Empty));
            return;
        }

        var comma = address.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
        {
            throw RequestMembers.Wrong(path, "is no data URL");
        }

        var head = address["data:".Length..comma];
        var isBase64 = head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase);
        var type = head.Split(';')[0].Trim().ToLowerInvariant();
        var content = isBase64 ? Decode(address[(comma + 1)..], path) : Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address[(comma + 1)..]));
        found.Files.Add(new ModelFile(NameOf(name, kind, type), type, content));
    }

    private string NameOf(string? name, string kind, string type)
    {
        if (!string.IsNullOrWhiteSpace(name))
        {
            return name;
        }

        _unnamed++;
        var ending = Ending(type[(type.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        return ending.Length == 0 ? $"{kind}-{_unnamed}" : $"{kind}-{_unnamed}.{ending}";
    }

    private static string Ending(string text)
    {
        var plain = new string([.. text.ToLowerInvariant().TakeWhile(char.IsAsciiLetterOrDigit)]);
        return plain.Length > MaxEnding ? string.Empty : plain;
    }

    private static void RefuseStored(JsonElement part, string path)
    {
        if (RequestMembers.Find(part, "file_id") is not null)
        {
            throw new ParleyException(ErrorCode.OperationNotSupported, "This hub keeps no files: send the content itself.") { Field = $"{path}.file_id" };
        }
    }

    private static byte[] Decode(string text, string path)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : throw RequestMembers.Wrong(path, "is no base64");
    }

    private sealed record Found(List<string> Lines, List<ModelFile> Files, List<ModelLink> Links);
}
