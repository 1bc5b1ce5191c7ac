using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>The link that an agent hands to a person without the program: the hub's page, and behind <c>#</c>, which no browser sends anywhere, whom to meet and the secret that lets the person in once.</summary>
/// <remarks>
/// Fragment: base64url without padding of: version (1 byte, now 1) | hub id | visitor's address | host's address | host's identity key (32 bytes) | secret | STUN servers, as <c>stun:host:port</c> with blanks between, or nothing
/// | the first 4 bytes of SHA-256 of everything before. Each of the six fields has its length before it (1 byte); text is ASCII. The checksum tells a link that was cut from one that is over; it is no protection.
/// See docs/protocol/page.md.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed record InviteLink
{
    /// <summary>Length of an identity key in bytes.</summary>
    public const int KeySize = 32;

    private const byte Version = 1;
    private const int ChecksumSize = 4;

    /// <summary>The page, for example <c>https://hub.example.org/p2p</c>.</summary>
    public required Uri Page { get; init; }

    /// <summary>The hub's id, which the page compares with what the hub says.</summary>
    public required string HubId { get; init; }

    /// <summary>Who the person will be.</summary>
    public required AgentAddress Visitor { get; init; }

    /// <summary>Who invites.</summary>
    public required AgentAddress Host { get; init; }

    /// <summary>The host's Ed25519 identity key: the page takes no other.</summary>
    public required ReadOnlyMemory<byte> HostKey { get; init; }

    /// <summary>What the page enrols with.</summary>
    public required string Secret { get; init; }

    /// <summary>STUN servers that the page asks besides the hub's own; never relays, whose credentials do not belong into a link.</summary>
    public IReadOnlyList<string> StunServers { get; init; } = [];

    /// <summary>The whole link, secret included: for the host's screen and nowhere else.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: a field is too long.</exception>
    public string Reveal()
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(Version);
        foreach (var field in new[] { Ascii(HubId), Ascii(Visitor.ToString()), Ascii(Host.ToString()), HostKey.ToArray(), Ascii(Secret), Ascii(string.Join(' ', StunServers)) })
        {
            if (field.Length > byte.MaxValue)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "A link has no room for so many servers.");
            }

            bytes.WriteByte((byte)field.Length);
            bytes.Write(field);
        }

        bytes.Write(SHA256.HashData(bytes.ToArray()).AsSpan(0, ChecksumSize));
        return $"{Page}#{Base64Url.EncodeToString(bytes.ToArray())}";
    }

    /// <summary>Who is invited by whom; nothing of the secret.</summary>
    public override string ToString() => $"{Page}#*** ({Visitor}, by {Host})";

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
