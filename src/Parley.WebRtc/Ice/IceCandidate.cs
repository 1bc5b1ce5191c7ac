using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>An address at which one side may be reached, as it is signalled (RFC 8839, section 5.1).</summary>
/// <remarks>
/// <c>candidate:FOUNDATION COMPONENT udp PRIORITY ADDRESS PORT typ host|srflx|prflx|relay [raddr ADDRESS rport PORT] [NAME VALUE]...</c>
/// Further names (generation, ufrag, network-id, network-cost) are read over. Only component 1 over UDP is used.
/// </remarks>
public sealed record IceCandidate
{
    /// <summary>Longest line that is read.</summary>
    public const int MaxLine = 512;

    private const int MaxFoundation = 32;
    private const int MaxHost = 255;

    /// <summary>Equal for candidates that likely fare alike: same type, same interface, same server.</summary>
    public required string Foundation { get; init; }

    /// <summary>What it is worth; higher is better.</summary>
    public required uint Priority { get; init; }

    /// <summary>The address; nobody while <see cref="HostName"/> is not resolved.</summary>
    public required TransportAddress Address { get; init; }

    /// <summary>How it was learnt.</summary>
    public required IceCandidateType Type { get; init; }

    /// <summary>For reflexive and relayed ones the address behind it; for diagnosis only.</summary>
    public TransportAddress? Related { get; init; }

    /// <summary>A name in place of an address: browsers hide theirs behind a <c>.local</c> one.</summary>
    public string? HostName { get; init; }

    /// <summary>The port that belongs to <see cref="HostName"/>.</summary>
    public int NamePort { get; init; }

    /// <summary>Reads a line, with or without <c>a=</c> before it.</summary>
    /// <param name="line">The line.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="reason">Why it is not used; null when it is.</param>
    public static bool TryParse(ReadOnlySpan<char> line, [NotNullWhen(true)] out IceCandidate? candidate, [NotNullWhen(false)] out string? reason)
    {
        candidate = null;
        reason = "the line is no candidate";
        line = line.Trim();
        if (line.StartsWith("a=", StringComparison.Ordinal))
        {
            line = line[2..];
        }

        if (line.Length > MaxLine || !line.StartsWith("candidate:", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var words = line["candidate:".Length..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 8 || words[0].Length > MaxFoundation || !words[0].All(IsFoundationLetter) || words[6] != "typ"
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var component)
            || !uint.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            || !ushort.TryParse(words[5], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var isOurs = words[2].Equals("udp", StringComparison.OrdinalIgnoreCase) && component == 1;
        if (!isOurs || TypeOf(words[7]) is not { } type)
        {
            reason = isOurs ? "candidates of this type are unknown" : "only component 1 over UDP is used";
            return false;
        }

        // The system's reader takes a lone number for an IPv4 address.
        IPAddress? ip = null;
        var isAddress = (words[4].Contains(':') || words[4].Count(letter => letter == '.') == 3) && IPAddress.TryParse(words[4], out ip);
        if (!isAddress && !IsName(words[4]))
        {
            return false;
        }

        reason = null;
        candidate = new IceCandidate
        {
            Foundation = words[0],
            Priority = priority,
            Address = ip is null ? default : TransportAddress.From(ip, port),
            Type = type,
            Related = RelatedOf(words),
            HostName = isAddress ? null : words[4].ToLowerInvariant(),
            NamePort = isAddress ? 0 : port,
        };
        return true;
    }

    /// <summary>The line, without <c>a=</c>.</summary>
    public override string ToString()
    {
        var host = HostName ?? Address.ToIPAddress().ToString();
        var port = HostName is null ? Address.Port : NamePort;
        var line = string.Create(CultureInfo.InvariantCulture, $"candidate:{Foundation} 1 udp {Priority} {host} {port} typ {WordOf(Type)}");
        return Related is { } related ? string.Create(CultureInfo.InvariantCulture, $"{line} raddr {related.ToIPAddress()} rport {related.Port}") : line;
    }

    private static TransportAddress? RelatedOf(string[] words) =>
        words.Length >= 12 && words[8] == "raddr" && words[10] == "rport" && IPAddress.TryParse(words[9], out var ip)
        && ushort.TryParse(words[11], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? TransportAddress.From(ip, port)
            : null;

    private static IceCandidateType? TypeOf(string word) => word switch
    {
        "host" => IceCandidateType.Host,
        "srflx" => IceCandidateType.ServerReflexive,
        "prflx" => IceCandidateType.PeerReflexive,
        "relay" => IceCandidateType.Relayed,
        _ => null,
    };

    private static string WordOf(IceCandidateType type) => type switch
    {
        IceCandidateType.Host => "host",
        IceCandidateType.ServerReflexive => "srflx",
        IceCandidateType.PeerReflexive => "prflx",
        _ => "relay",
    };

    private static bool IsFoundationLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/';

    private static bool IsName(string text) => text.Length <= MaxHost && text[0] != '-' && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.');
}
