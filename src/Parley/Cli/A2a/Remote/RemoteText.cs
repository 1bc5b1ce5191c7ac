using System.Text;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;

namespace Parley.Cli.A2a.Remote;

/// <summary>Parts as text for a person.</summary>
internal static class RemoteText
{
    /// <summary>The text parts in a row; data as JSON and addresses of files each on a line of its own. Files are not text.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="before">What stands before them: it decides whether a line begins here.</param>
    public static string Of(IEnumerable<Part> parts, string before = "")
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            var line = part.ContentCase switch
            {
                Part.ContentOneofCase.Data => Json(part.Data),
                Part.ContentOneofCase.Url => part.Url,
                _ => null,
            };
            if (line is null)
            {
                text.Append(part.Text);
                continue;
            }

            var last = text.Length > 0 ? text[^1] : before.Length > 0 ? before[^1] : '\n';
            text.Append(last == '\n' ? string.Empty : "\n").Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A value as JSON.</summary>
    public static string Json(Value value)
    {
        var part = Encoding.UTF8.GetString(JsonDialect.V1.ToBytes(new Part { Data = value }).Span);
        return part["{\"data\":".Length..^1];
    }

    /// <summary>A state as people say it: input-required.</summary>
    public static string Of(TaskState state) =>
        string.Concat(state.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
