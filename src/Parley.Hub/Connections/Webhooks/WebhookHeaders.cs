using System.Collections.Frozen;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>The rules for headers that an owner adds to deliveries: those that frame the request or are ours are refused. Pure.</summary>
internal static class WebhookHeaders
{
    /// <summary>Most headers of one connection.</summary>
    public const int MaxCount = 32;

    private const int MaxLength = 4096;

    private static readonly FrozenSet<string> _forbidden = new[]
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie", "date", "expect", "host", "keep-alive", "proxy-authorization", "te", "trailer",
        "traceparent", "tracestate", "transfer-encoding", "upgrade", "user-agent", "via",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] _ours = ["webhook-", "ce-", "parley-", "proxy-", "sec-"];

    /// <summary>Refuses what may not be added.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static void Check(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > MaxCount)
        {
            throw Refuse($"A connection adds at most {MaxCount} headers.");
        }

        foreach (var (name, value) in headers)
        {
            if (name.Length is 0 or > 128 || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
            {
                throw Refuse("A header's name is 1 to 128 letters, digits, - and _.");
            }

            if (_forbidden.Contains(name) || Array.Exists(_ours, start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
            {
                throw Refuse($"The header {name} is the hub's own.");
            }

            CheckValue(value);
        }
    }

    /// <summary>Refuses a value that would end the header.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static void CheckValue(string value)
    {
        if (value.Length > MaxLength || value.Any(character => character is < ' ' or > '~'))
        {
            throw Refuse($"A header's value is at most {MaxLength} visible ASCII characters.");
        }
    }

    private static ParleyException Refuse(string message) => new(ErrorCode.InvalidArgument, message) { Field = "config.headers" };
}
