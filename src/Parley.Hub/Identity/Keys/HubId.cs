using System.Buffers;
using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Identity.Keys;

/// <summary>The hub's id: <c>hub-</c> and 16 characters of base32 (80 random bits), made at the first start and kept in <c>hub.id</c>. Join strings and link proofs name it.</summary>
internal static class HubId
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "hub.id";

    private const string Prefix = "hub-";
    private const int RandomLength = 16;

    // Base32 of RFC 4648 in lower case.
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private static readonly SearchValues<char> _allowed = SearchValues.Create(Alphabet);

    /// <summary>Reads the id, and makes it at the first start.</summary>
    /// <param name="dataFolder">The hub's data folder.</param>
    /// <param name="fill">The source of randomness.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.IntegrityFailed"/>: the file holds something else; agents would not know the hub under a new id.</exception>
    public static string Open(string dataFolder, FillRandom fill)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            var made = Make(fill);
            SecretFile.Write(path, Encoding.ASCII.GetBytes(made + "\n"));
            return made;
        }

        var id = Encoding.ASCII.GetString(SecretFile.Read(path)).TrimEnd();
        return IsValid(id) ? id : throw new ParleyException(ErrorCode.IntegrityFailed, $"The file {path} is damaged: restore it from a backup.");
    }

    private static string Make(FillRandom fill)
    {
        Span<byte> random = stackalloc byte[RandomLength];
        fill(random);
        var text = new StringBuilder(Prefix);
        foreach (var value in random)
        {
            text.Append(Alphabet[value % Alphabet.Length]);
        }

        return text.ToString();
    }

    private static bool IsValid(string id) =>
        id.Length == Prefix.Length + RandomLength && id.StartsWith(Prefix, StringComparison.Ordinal) && !id.AsSpan(Prefix.Length).ContainsAnyExcept(_allowed);
}
