using Google.Protobuf.WellKnownTypes;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Gateway.A2a.Translation;

/// <summary>Parts between 0.3 and 1.0.</summary>
/// <remarks>
/// Only files have a name and a type in 0.3; those of texts and data travel in the part's metadata and come back from there.
/// Data is an object in 0.3: any other value is wrapped as <c>{"value": ...}</c> and marked by <c>data_part_compat</c>, the mark that other implementations use.
/// </remarks>
public static class PartTranslation
{
    private const string Wrapped = "data_part_compat";
    private const string WrappedValue = "value";
    private const string FilenameKey = "a2a.v1.filename";
    private const string MediaTypeKey = "a2a.v1.mediaType";

    /// <summary>To 1.0.</summary>
    public static V1.Part ToV1(V03.Part part, Losses losses)
    {
        var metadata = part.Metadata?.Clone();
        var result = new V1.Part { Filename = Take(metadata, FilenameKey), MediaType = Take(metadata, MediaTypeKey) };
        switch (part.PartCase)
        {
            case V03.Part.PartOneofCase.Text:
                result.Text = part.Text;
                break;
            case V03.Part.PartOneofCase.File:
                AddFile(result, part.File, losses);
                break;
            case V03.Part.PartOneofCase.Data:
                result.Data = Unwrap(part.Data.Data ?? new Struct(), metadata);
                break;
            default:
                losses.Add("part without content");
                break;
        }

        result.Metadata = metadata is { Fields.Count: 0 } ? null : metadata;
        return result;
    }

    /// <summary>To 0.3.</summary>
    public static V03.Part ToV03(V1.Part part, Losses losses)
    {
        var result = new V03.Part { Metadata = part.Metadata?.Clone() };
        switch (part.ContentCase)
        {
            case V1.Part.ContentOneofCase.Raw:
                result.File = new V03.FilePart { FileWithBytes = part.Raw, MimeType = part.MediaType, Name = part.Filename };
                return result;
            case V1.Part.ContentOneofCase.Url:
                result.File = new V03.FilePart { FileWithUri = part.Url, MimeType = part.MediaType, Name = part.Filename };
                return result;
            case V1.Part.ContentOneofCase.Text:
                result.Text = part.Text;
                break;
            case V1.Part.ContentOneofCase.Data:
                result.Data = new V03.DataPart { Data = Wrap(part.Data, result) };
                break;
            default:
                losses.Add("part without content");
                break;
        }

        Put(result, FilenameKey, part.Filename);
        Put(result, MediaTypeKey, part.MediaType);
        return result;
    }

    private static void AddFile(V1.Part result, V03.FilePart file, Losses losses)
    {
        switch (file.FileCase)
        {
            case V03.FilePart.FileOneofCase.FileWithUri:
                result.Url = file.FileWithUri;
                break;
            case V03.FilePart.FileOneofCase.FileWithBytes:
                result.Raw = file.FileWithBytes;
                break;
            default:
                losses.Add("file without content");
                break;
        }

        result.Filename = file.Name;
        result.MediaType = file.MimeType;
    }

    private static Struct Wrap(Value data, V03.Part part)
    {
        if (data.KindCase == Value.KindOneofCase.StructValue)
        {
            return data.StructValue.Clone();
        }

        part.Metadata ??= new Struct();
        part.Metadata.Fields[Wrapped] = Value.ForBool(true);
        return new Struct { Fields = { [WrappedValue] = data.Clone() } };
    }

    private static Value Unwrap(Struct data, Struct? metadata)
    {
        if (metadata is null || !metadata.Fields.TryGetValue(Wrapped, out var mark) || !mark.BoolValue || !data.Fields.TryGetValue(WrappedValue, out var value))
        {
            return new Value { StructValue = data.Clone() };
        }

        metadata.Fields.Remove(Wrapped);
        return value.Clone();
    }

    private static void Put(V03.Part part, string key, string text)
    {
        if (text.Length > 0)
        {
            part.Metadata ??= new Struct();
            part.Metadata.Fields[key] = Value.ForString(text);
        }
    }

    private static string Take(Struct? metadata, string key)
    {
        if (metadata is null || !metadata.Fields.TryGetValue(key, out var value) || value.KindCase != Value.KindOneofCase.StringValue)
        {
            return string.Empty;
        }

        metadata.Fields.Remove(key);
        return value.StringValue;
    }
}
