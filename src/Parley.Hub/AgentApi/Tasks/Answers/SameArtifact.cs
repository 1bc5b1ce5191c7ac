using System.Text;
using Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Tasks.Answers;

/// <summary>Whether two artifacts have the same content, however their text is cut into parts.</summary>
internal static class SameArtifact
{
    /// <summary>Compares parts, name and metadata.</summary>
    public static bool Is(Artifact one, Artifact other) =>
        one.Name == other.Name && one.Description == other.Description && Equals(one.Metadata, other.Metadata) && Joined(one).SequenceEqual(Joined(other));

    private static List<Part> Joined(Artifact artifact)
    {
        var parts = new List<Part>();
        var text = new StringBuilder();
        var mediaType = string.Empty;
        foreach (var part in artifact.Parts)
        {
            var isPlain = part is { ContentCase: Part.ContentOneofCase.Text, Metadata: null, Filename.Length: 0 };
            if (text.Length > 0 && (!isPlain || part.MediaType != mediaType))
            {
                parts.Add(new Part { Text = text.ToString(), MediaType = mediaType });
                text.Clear();
            }

            if (isPlain)
            {
                mediaType = part.MediaType;
                text.Append(part.Text);
            }
            else
            {
                parts.Add(part);
            }
        }

        if (text.Length > 0)
        {
            parts.Add(new Part { Text = text.ToString(), MediaType = mediaType });
        }

        return parts;
    }
}
