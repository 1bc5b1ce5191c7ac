using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Protocol.Files;

namespace Parley.Client.PeerApi.Rotation;

/// <summary>The statements of this home's own rotations, in the file <c>peers.rotation</c>: what peers are told that were away. Public words, but kept like the keys.</summary>
/// <remarks>Only the last ones are kept: a peer that missed more gets the new export by hand.</remarks>
public static class RotationFile
{
    /// <summary>The file's name in a home.</summary>
    public const string Name = "peers.rotation";

    /// <summary>Most statements that are kept and told.</summary>
    public const int MaxStatements = 4;

    /// <summary>Reads them, oldest first; none where there is no file.</summary>
    public static IReadOnlyList<RotationStatement> Read(string path)
    {
        try
        {
            return JsonNode.Parse(SecretFile.Read(path)) is JsonArray array
                ? [.. array.Select(node => RotationStatement.TryRead(node?.ToString(), out var statement) ? statement : null).OfType<RotationStatement>()]
                : [];
        }
        catch (Exception exception) when (exception is FileNotFoundException or JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>Adds one.</summary>
    public static void Add(string path, RotationStatement statement)
    {
        // One that was never put to use must not lead peers astray.
        var used = Read(path).Where(one => !one.OldKey.Span.SequenceEqual(statement.OldKey.Span));
        var texts = used.Append(statement).TakeLast(MaxStatements).Select(one => (JsonNode)one.Text);
        SecretFile.Write(path, Encoding.UTF8.GetBytes(new JsonArray([.. texts]).ToJsonString()));
    }
}
