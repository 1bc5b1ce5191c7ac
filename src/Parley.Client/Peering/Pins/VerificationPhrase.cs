using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Pins;

/// <summary>The digits that two people compare over another channel to know that nobody sits between their agents: eight groups of five, four for each agent's identity key.</summary>
/// <remarks>
/// Each half is 64 bits of PBKDF2-HMAC-SHA512 over the key, salted with hub and address, 100,000 rounds; the half of the smaller key (as bytes) comes first, so both ends show the same.
/// Halves, not one hash of both keys: in one hash somebody in between could choose a key towards each end and needs only two that collide, half of the bits.
/// Here the key shown to either end must hit the half of one given key: 2^64 keys of about 2^17 hashes each. SECURITY.md has the arithmetic.
/// </remarks>
public static class VerificationPhrase
{
    private const string Purpose = "parley-verify-v1";
    private const int Rounds = 100_000;
    private const int HalfBytes = 8;

    /// <summary>The phrase of two agents; the same whichever comes first. It takes about a tenth of a second.</summary>
    /// <param name="hubId">The hub at which both have their addresses.</param>
    /// <param name="one">An agent's address and identity key.</param>
    /// <param name="other">The other's.</param>
    public static string Of(string hubId, (AgentAddress Address, ReadOnlyMemory<byte> Key) one, (AgentAddress Address, ReadOnlyMemory<byte> Key) other)
    {
        var (first, second) = one.Key.Span.SequenceCompareTo(other.Key.Span) <= 0 ? (one, other) : (other, one);
        return $"{HalfOf(hubId, first)} {HalfOf(hubId, second)}";
    }

    private static string HalfOf(string hubId, (AgentAddress Address, ReadOnlyMemory<byte> Key) agent)
    {
        var salt = Encoding.UTF8.GetBytes($"{Purpose}\0{hubId}\0{agent.Address}");
        var hash = Rfc2898DeriveBytes.Pbkdf2(agent.Key.Span, salt, Rounds, HashAlgorithmName.SHA512, HalfBytes);
        return string.Join(' ', Enumerable.Range(0, HalfBytes / 2).Select(group => BinaryPrimitives.ReadUInt16BigEndian(hash.AsSpan(2 * group)).ToString("D5", CultureInfo.InvariantCulture)));
    }
}
