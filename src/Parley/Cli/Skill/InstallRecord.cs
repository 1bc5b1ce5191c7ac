using System.Security.Cryptography;
using System.Text;

namespace Parley.Cli.Skill;

/// <summary>What was installed, by hash, so that a later install replaces its own files and leaves those that somebody changed.</summary>
/// <remarks>A text file in the form of <c>sha256sum</c>: 64 hexadecimal digits, two blanks, the path relative to the project.</remarks>
internal sealed class InstallRecord
{
    /// <summary>Where it is kept in a project.</summary>
    public const string Path = SkillFiles.Folder + "/.installed";

    private const int HashLength = 64;

    private readonly SortedDictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <summary>Reads one; lines that are not of the form count for nothing.</summary>
    public static InstallRecord Read(byte[]? content)
    {
        var record = new InstallRecord();
        foreach (var line in Encoding.UTF8.GetString(content ?? []).Split('\n').Where(line => line.Length > HashLength + 2))
        {
            record._hashes[line[(HashLength + 2)..]] = line[..HashLength];
        }

        return record;
    }

    /// <summary>Whether this content is what was installed at the path.</summary>
    public bool Holds(string path, byte[] content) => _hashes.TryGetValue(path, out var hash) && hash == HashOf(content);

    /// <summary>Notes what is installed at the path.</summary>
    public void Note(string path, byte[] content) => _hashes[path] = HashOf(content);

    /// <summary>The file's content.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Concat(_hashes.Select(entry => $"{entry.Value}  {entry.Key}\n")));

    private static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
