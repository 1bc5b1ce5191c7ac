using System.Diagnostics.CodeAnalysis;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Messaging;

/// <summary>An envelope's id: chosen by the sender, unique per sender for the time to live. 1 to 64 of <c>A-Z a-z 0-9 _ -</c>.</summary>
/// <param name="Value">The text.</param>
public readonly record struct EnvelopeId(string Value)
{
    /// <summary>Longest id in characters.</summary>
    public const int MaxLength = 64;

    private const int TimeLength = 10;
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Makes an id of 26 characters from 130 random bits.</summary>
    /// <param name="fill">The source of randomness; fills the span.</param>
    public static EnvelopeId Make(FillRandom fill)
    {
        Span<byte> random = stackalloc byte[26];
        fill(random);
        Span<char> text = stackalloc char[26];
        for (var index = 0; index < text.Length; index++)
        {
            text[index] = Alphabet[random[index] & 31];
        }

        return new EnvelopeId(new string(text));
    }

    /// <summary>Makes an id of 26 characters that sorts by its time: 50 bits of Unix milliseconds, 80 random ones. An index of such ids grows at its end.</summary>
    /// <param name="now">The time.</param>
    /// <param name="fill">The source of randomness; fills the span.</param>
    public static EnvelopeId MakeOrdered(DateTimeOffset now, FillRandom fill)
    {
        Span<char> text = stackalloc char[26];
        Make(fill).Value.CopyTo(text);
        var left = now.ToUnixTimeMilliseconds();
        for (var index = TimeLength - 1; index >= 0; index--, left >>= 5)
        {
            text[index] = Alphabet[(int)(left & 31)];
        }

        return new EnvelopeId(new string(text));
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static EnvelopeId Parse(string text) =>
        TryParse(text, out var id)
            ? id
            : throw new ParleyException(ErrorCode.InvalidArgument, $"A message id is 1 to {MaxLength} letters, digits, '_' or '-'.");

    /// <summary>Reads an id; false when it breaks the rule.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EnvelopeId id)
    {
        id = new EnvelopeId(text ?? string.Empty);
        return text is { Length: > 0 and <= MaxLength } && IsPlain(text);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsPlain(string text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A source of random bytes, as an argument: the operating system's in production, a seeded one in tests.</summary>
/// <param name="destination">Filled whole.</param>
public delegate void FillRandom(Span<byte> destination);
