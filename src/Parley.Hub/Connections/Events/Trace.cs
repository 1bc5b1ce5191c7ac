using System.Security.Cryptography;
using System.Text;
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

    /// <summary>The context of a step in the same trace: another span, the same one for the same step.</summary>
    /// <param name="given">The context of what the step follows from.</param>
    /// <param name="step">The step's name, unique in the hub.</param>
    public static string Child(string given, string step)
    {
        if (!TraceParent().IsMatch(given))
        {
            return given;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{given} {step}"), hash);

        // All zeros is no span.
        hash[0] |= 1;
        return $"{given.AsSpan(0, 36)}{Convert.ToHexStringLower(hash[..SpanBytes])}{given.AsSpan(52)}";
    }

    [GeneratedRegex(@"\A00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TraceParent();
}
