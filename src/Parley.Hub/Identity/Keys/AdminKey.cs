using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Identity.Keys;

/// <summary>The key of whoever runs the hub: made at the first start, kept in <c>admin.key</c> (mode 0600) and nowhere else.</summary>
internal sealed class AdminKey
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "admin.key";

    private readonly byte[] _hash;

    private AdminKey(string secret) => _hash = Secrets.Hash(secret);

    /// <summary>Reads the key, and makes it at the first start.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="fill">The source of randomness.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>; <see cref="ErrorCode.IntegrityFailed"/>: the file holds something else.</exception>
    public static AdminKey Open(string dataFolder, FillRandom fill)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            SecretFile.Write(path, Encoding.ASCII.GetBytes(Secrets.Make(Secrets.AdminKeyPrefix, fill) + "\n"));
        }

        var secret = Encoding.ASCII.GetString(SecretFile.Read(path)).Trim();

        // Long enough to be a secret; which one is the operator's business, who may have put one there.
        return secret.Length >= 20
            ? new AdminKey(secret)
            : throw new ParleyException(ErrorCode.IntegrityFailed, $"The file {path} holds no key: delete it, and a new one is made at the next start.");
    }

    /// <summary>A key that stands in the settings instead of the file.</summary>
    public static AdminKey Of(string secret) => new(secret);

    /// <summary>Whether this is the key.</summary>
    public bool Matches(string secret) => Secrets.AreEqual(_hash, Secrets.Hash(secret));
}
