using Parley.Protocol.Errors;

namespace Parley.Cli.A2a;

/// <summary>Reads <c>k=v,k=v</c> whose values may be anything but a comma.</summary>
internal static class KeyValues
{
    /// <summary>The pairs; none for no text.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static IEnumerable<KeyValuePair<string, string>> Parse(string? text)
    {
        foreach (var part in (text ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "Metadata is k=v, several joined by commas.");
            }

            yield return KeyValuePair.Create(part[..equals], part[(equals + 1)..]);
        }
    }
}
