using System.Buffers;
using Parley.Protocol.Messaging;

namespace Parley.WebRtc.Ice;

/// <summary>User name fragment and password of one side and one ICE generation (RFC 8445, section 5.3).</summary>
/// <param name="User">4 to 256 letters of A-Z, a-z, 0-9, + and /.</param>
/// <param name="Password">22 to 256 of the same.</param>
public sealed record IceCredentials(string User, string Password)
{
    private const int MinUser = 4;
    private const int MinPassword = 22;
    private const int MaxLength = 256;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private static readonly SearchValues<char> _letters = SearchValues.Create(Letters);

    /// <summary>Lengths and letters are what the protocol says.</summary>
    public bool IsValid => IsText(User, MinUser) && IsText(Password, MinPassword);

    /// <summary>New ones: 48 bits of name, 144 of password.</summary>
    public static IceCredentials Make(FillRandom random) => new(Text(random, 8), Text(random, 24));

    /// <summary>The name alone; the password is a secret.</summary>
    public override string ToString() => User;

    private static bool IsText(string text, int min) => text.Length >= min && text.Length <= MaxLength && text.AsSpan().IndexOfAnyExcept(_letters) < 0;

    private static string Text(FillRandom random, int length)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[length];
        random(bytes);
        Span<char> letters = stackalloc char[length];
        for (var index = 0; index < length; index++)
        {
            letters[index] = Letters[bytes[index] & 63];
        }

        return new string(letters);
    }
}
