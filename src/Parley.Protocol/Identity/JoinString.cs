using System.Buffers.Text;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>The one line that an admin hands to a new agent: where the hub is, how to know it, and the secret that lets the agent in.</summary>
/// <remarks>
/// Text: <c>parley-join-</c> and base64url without padding of: version (1 byte, now 1) | hub id | HTTP address | gRPC address | pin (0 or 32 bytes) | token
/// | the first 4 bytes of SHA-256 of everything before. Each of the five fields has its length before it (1 byte); text is ASCII. The checksum tells a paste that
/// was cut or changed from a token that the hub refuses; it is no protection. White space is skipped, so that a line wrapped by a mail program still works.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed record JoinString
{
    /// <summary>How every join string starts.</summary>
    public const string Prefix = "parley-join-";

    /// <summary>Shortest token in characters: 128 bits as base64url.</summary>
    public const int MinTokenLength = 22;

    /// <summary>Longest token, hub id or address in characters.</summary>
    public const int MaxFieldLength = byte.MaxValue;

    private const byte Version = 1;
    private const int ChecksumSize = 4;
    private const int MaxTextLength = 4096;

    /// <summary>Puts the parts together.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: a part breaks its rule.</exception>
    public JoinString(string hubId, Uri http, Uri grpc, SpkiPin? pin, string token)
    {
        Require(hubId.Length is > 0 and <= MaxFieldLength && hubId.All(IsTokenCharacter), "A hub's id is letters, digits, '_' and '-'.");
        Require(token.Length is >= MinTokenLength and <= MaxFieldLength && token.All(IsTokenCharacter), "A join token is at least 22 letters, digits, '_' and '-'.");
        Require(IsAddress(http) && IsAddress(grpc), "A hub's address is http://HOST:PORT or https://HOST:PORT.");
        Require(pin is null || (http.Scheme == Uri.UriSchemeHttps && grpc.Scheme == Uri.UriSchemeHttps), "A pinned hub has https addresses.");
        (HubId, Http, Grpc, Pin, Token) = (hubId, http, grpc, pin, token);
    }

    /// <summary>The hub's id, which the link proof names.</summary>
    public string HubId { get; }

    /// <summary>Where the hub speaks HTTP/1.1 and WebSocket.</summary>
    public Uri Http { get; }

    /// <summary>Where the hub speaks gRPC; the same as <see cref="Http"/> with TLS.</summary>
    public Uri Grpc { get; }

    /// <summary>The hub's key, for a hub that made its own certificate; null = a certificate that the system's trust store knows.</summary>
    public SpkiPin? Pin { get; }

    /// <summary>The secret.</summary>
    public string Token { get; }

    /// <summary>Reads a pasted join string.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, with what is wrong: not a join string, cut or changed, or of a newer Parley.</exception>
    public static JoinString Parse(string text)
    {
        Require(text.Length <= MaxTextLength, "This is too long for a join string.");
        var line = string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
        Require(line.StartsWith(Prefix, StringComparison.Ordinal), $"A join string starts with {Prefix}.");
        var encoded = line.AsSpan(Prefix.Length);
        Require(Base64Url.IsValid(encoded) && !encoded.Contains('='), "The join string was cut or changed on the way: copy the whole line again.");
        var bytes = Base64Url.DecodeFromChars(encoded);

        // The version comes first, so that a newer layout is told as such and not as damage.
        Require(bytes.Length == 0 || bytes[0] <= Version, "This join string was made by a newer Parley: update this one.");
        Require(
            bytes.Length > ChecksumSize && bytes.AsSpan(^ChecksumSize..).SequenceEqual(Checksum(bytes.AsSpan(..^ChecksumSize))),
            "The join string was cut or changed on the way: copy the whole line again.");
        return ReadFields(bytes.AsSpan(..^ChecksumSize));
    }

    /// <summary>Reads a pasted join string; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out JoinString? join)
    {
        try
        {
            join = text is null ? null : Parse(text);
        }
        catch (ParleyException)
        {
            join = null;
        }

        return join is not null;
    }

    /// <summary>The whole line, secret included: for the admin's screen and nowhere else.</summary>
    public string Reveal()
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(Version);
        WriteField(bytes, Encoding.ASCII.GetBytes(HubId));
        WriteField(bytes, Encoding.ASCII.GetBytes(AddressText(Http)));
        WriteField(bytes, Encoding.ASCII.GetBytes(AddressText(Grpc)));
        WriteField(bytes, Pin is { } pin ? pin.ToHash() : []);
        WriteField(bytes, Encoding.ASCII.GetBytes(Token));
        bytes.Write(Checksum(bytes.ToArray()));
        return Prefix + Base64Url.EncodeToString(bytes.ToArray());
    }

    /// <summary>Hub and address; the token is masked.</summary>
    public override string ToString() => $"{Prefix}*** ({HubId} at {AddressText(Http)})";

    private static JoinString ReadFields(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes[1..];
        var hubId = ReadText(ref rest);
        var http = ReadText(ref rest);
        var grpc = ReadText(ref rest);
        var pin = ReadField(ref rest);
        var token = ReadText(ref rest);
        var isWhole = rest.IsEmpty && pin.Length is 0 or SpkiPin.HashSize &&
            Uri.TryCreate(http, UriKind.Absolute, out _) && Uri.TryCreate(grpc, UriKind.Absolute, out _);
        Require(isWhole, "The join string is damaged.");
        return new JoinString(hubId, new Uri(http), new Uri(grpc), pin.IsEmpty ? null : SpkiPin.FromHash(pin), token);
    }

    private static ReadOnlySpan<byte> ReadField(ref ReadOnlySpan<byte> rest)
    {
        Require(rest.Length > 0 && rest.Length > rest[0], "The join string is damaged.");
        var field = rest.Slice(1, rest[0]);
        rest = rest[(1 + field.Length)..];
        return field;
    }

    private static string ReadText(ref ReadOnlySpan<byte> rest)
    {
        var field = ReadField(ref rest);
        Require(!field.ContainsAnyExceptInRange((byte)'!', (byte)'~'), "The join string is damaged.");
        return Encoding.ASCII.GetString(field);
    }

    private static void WriteField(MemoryStream bytes, ReadOnlySpan<byte> field)
    {
        bytes.WriteByte(checked((byte)field.Length));
        bytes.Write(field);
    }

    private static byte[] Checksum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes)[..ChecksumSize];

    private static bool IsAddress(Uri uri) =>
        uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0 &&
        uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" } && AddressText(uri).Length <= MaxFieldLength;

    private static string AddressText(Uri uri) => $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost)}:{uri.Port}";

    private static bool IsTokenCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-';

    private static void Require(bool isGood, string message)
    {
        if (!isGood)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, message);
        }
    }
}
