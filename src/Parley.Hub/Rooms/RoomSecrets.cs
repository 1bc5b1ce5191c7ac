using System.Security.Cryptography;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Rooms;

/// <summary>Makes tokens, codes and names of rooms, and knows a token of this hub when it sees one.</summary>
/// <remarks>
/// A token is <c>tok_</c> and 32 hexadecimal digits: 96 random bits and 32 bits of their HMAC-SHA256 under the hub's room key.
/// The second part gives no access: it tells a token whose room is gone (also by a restart) from one that this hub never made, so that the two get different answers.
/// </remarks>
/// <param name="key">The hub's room key, from its data folder.</param>
/// <param name="fill">The source of randomness.</param>
internal sealed class RoomSecrets(byte[] key, FillRandom fill)
{
    /// <summary>Starts a token.</summary>
    public const string TokenPrefix = "tok_";

    /// <summary>Starts an invite.</summary>
    public const string InvitePrefix = "invite_";

    /// <summary>Starts a listener code.</summary>
    public const string ListenerPrefix = "listen_";

    private const string RoomPrefix = "room_";
    private const string NamePrefix = "Agent-";
    private const int RandomBytes = 12;
    private const int MarkBytes = 4;
    private const int CodeBytes = 16;

    private static readonly byte[] _purpose = "parley-room-token-v1\0"u8.ToArray();

    /// <summary>A fresh token.</summary>
    public string MakeToken()
    {
        Span<byte> token = stackalloc byte[RandomBytes + MarkBytes];
        fill(token[..RandomBytes]);
        Mark(token[..RandomBytes], token[RandomBytes..]);
        return TokenPrefix + Convert.ToHexStringLower(token);
    }

    /// <summary>Whether this hub made the token, now or before a restart.</summary>
    public bool IsOurs(string token)
    {
        Span<byte> bytes = stackalloc byte[RandomBytes + MarkBytes];
        if (token.Length != TokenPrefix.Length + (2 * bytes.Length) || !token.StartsWith(TokenPrefix, StringComparison.Ordinal) ||
            Convert.FromHexString(token.AsSpan(TokenPrefix.Length), bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        Span<byte> mark = stackalloc byte[MarkBytes];
        Mark(bytes[..RandomBytes], mark);
        return CryptographicOperations.FixedTimeEquals(mark, bytes[RandomBytes..]);
    }

    /// <summary>A fresh code for the seat that a room of this kind lacks.</summary>
    public string MakeCode(RoomKind kind) => (kind == RoomKind.Standard ? InvitePrefix : ListenerPrefix) + Hex(CodeBytes);

    /// <summary>A fresh name of a room.</summary>
    public string MakeRoomName() => RoomPrefix + Hex(CodeBytes);

    /// <summary>A fresh display name.</summary>
    /// <param name="taken">The partner's.</param>
    public string MakeName(string? taken)
    {
        string name;
        do
        {
            name = NamePrefix + Hex(2);
        }
        while (name == taken);
        return name;
    }

    private string Hex(int count)
    {
        Span<byte> bytes = stackalloc byte[CodeBytes];
        fill(bytes[..count]);
        return Convert.ToHexStringLower(bytes[..count]);
    }

    private void Mark(ReadOnlySpan<byte> random, Span<byte> mark)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, [.. _purpose, .. random], hash);
        hash[..MarkBytes].CopyTo(mark);
    }
}
