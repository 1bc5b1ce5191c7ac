using System.Text.RegularExpressions;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Connections.Events;

/// <summary>The W3C trace context of events: taken from whoever emits one, else begun.</summary>
internal static partial class Trace
{
    private const int IdBytes = 16;
    private const int SpanBytes = 8;

    /// <summary>The context given when it is one, else a new one.</summary>
    public static string Of(string given, FillRandom random)
    {
        if (TraceParent().IsMatch(given))
        {
            return given;
        }

        Span<byte> bytes = stackalloc byte[IdBytes + SpanBytes];
        random(bytes);
        return $"00-{Convert.ToHexStringLower(bytes[..IdBytes])}-{Convert.ToHexStringLower(bytes[IdBytes..])}-01";
    }

    [GeneratedRegex(@"\A00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TraceParent();
}
