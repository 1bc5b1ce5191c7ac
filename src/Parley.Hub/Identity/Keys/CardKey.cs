using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Hub.Identity.Keys;

/// <summary>The key that signs agent cards (ES256): made at the first start, kept in <c>cards.key</c> (mode 0600, PKCS 8 as PEM). It signs nothing else.</summary>
internal static class CardKey
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "cards.key";

    private const int CurveBits = 256;

    /// <summary>Reads the key, and makes it at the first start.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>; <see cref="ErrorCode.IntegrityFailed"/>: the file holds something else.</exception>
    public static ECDsa Open(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            SecretFile.Write(path, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + "\n"));
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(Encoding.ASCII.GetString(SecretFile.Read(path)));
            return key.KeySize == CurveBits ? key : throw new CryptographicException("Not a key on P-256.");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new ParleyException(
                ErrorCode.IntegrityFailed, $"The file {path} is damaged: restore it from a backup, or delete it, and cards are signed with a new key from the next start on.", exception);
        }
    }
}
