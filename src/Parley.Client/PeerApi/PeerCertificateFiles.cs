using System.Security.Cryptography;
using System.Text;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Client.PeerApi;

/// <summary>The certificate that this machine shows its peers: two PEM files, made here or by <c>openssl req -x509 -newkey ed25519</c>.</summary>
/// <remarks>
/// The key's file has mode 0600 from its first byte, and a wider one is refused. A key without a certificate gets one; a certificate without a key is a damaged pair.
/// What is there is never replaced: peers have pinned it. Neither file may be a symbolic link: whoever may write the link would choose the key.
/// </remarks>
public sealed class PeerCertificateFiles
{
    /// <summary>Name of the certificate's file in a folder.</summary>
    public const string CertificateName = "identity.crt";

    /// <summary>Name of the key's file in a folder.</summary>
    public const string KeyName = "identity.tls.key";

    /// <summary>Name of the certificate's file after the keys were rotated.</summary>
    public const string RotatedCertificateName = "peer.crt";

    /// <summary>Name of the key's file after the keys were rotated.</summary>
    public const string RotatedKeyName = "peer.tls.key";

    /// <summary>Name of the certificate's file that follows when the overlap ends.</summary>
    public const string NextCertificateName = "peer.next.crt";

    /// <summary>Name of the key's file that follows when the overlap ends.</summary>
    public const string NextKeyName = "peer.next.tls.key";

    /// <summary>How long a certificate counts that is made here: ten years, since every peer pins it by hand.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    /// <summary>How far the clock may be wrong when the dates are looked at.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromSeconds(60);

    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly TimeProvider _timeProvider;

    /// <summary>Names the files of a folder.</summary>
    public PeerCertificateFiles(string folder, TimeProvider timeProvider, string certificateName = CertificateName, string keyName = KeyName) =>
        (_certificateFile, _keyFile, _timeProvider) = (Path.Combine(folder, certificateName), Path.Combine(folder, keyName), timeProvider);

    /// <summary>What changes when one of the two files does.</summary>
    public (DateTime Certificate, DateTime Key, string Path) Stamp => (File.GetLastWriteTimeUtc(_certificateFile), File.GetLastWriteTimeUtc(_keyFile), _certificateFile);

    /// <summary>Reads the pair.</summary>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.NotFound"/>: there is none. <see cref="ErrorCode.FilePermissions"/>: others may read the key.
    /// <see cref="ErrorCode.FileDamaged"/>: one file is missing, a link, or not what it should be; the two do not belong together; the certificate does not count now.
    /// </exception>
    public TlsIdentity Load()
    {
        var (hasCertificate, hasKey) = (IsThere(_certificateFile), IsThere(_keyFile));
        if (!hasCertificate && !hasKey)
        {
            throw new ParleyException(ErrorCode.NotFound, $"There is no certificate in {Path.GetDirectoryName(_certificateFile)}.");
        }

        if (!hasCertificate || !hasKey)
        {
            throw Damaged($"{(hasKey ? _certificateFile : _keyFile)} is missing");
        }

        try
        {
            var identity = TlsIdentity.FromPem(ReadText(_certificateFile), Encoding.UTF8.GetString(SecretFile.Read(_keyFile)));
            CheckDates(identity);
            return identity;
        }
        catch (TlsException exception)
        {
            throw Damaged(exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Reads the pair, and makes what is missing: both, or the certificate of the key that is there.</summary>
    /// <param name="name">Subject common name of a new certificate.</param>
    /// <param name="hosts">Its DNS names and addresses.</param>
    /// <exception cref="ParleyException">As <see cref="Load"/>.</exception>
    public TlsIdentity LoadOrMake(string name, IReadOnlyCollection<string> hosts)
    {
        if (!IsThere(_certificateFile))
        {
            using var key = IsThere(_keyFile) ? ReadKey() : MakeKey();
            var certificate = SelfSignedCertificate.Make(key, name, hosts, Lifetime, _timeProvider);

            // Last, and whole: a pair that was interrupted is a key alone, which the next start completes.
            SecretFile.Write(_certificateFile, Encoding.ASCII.GetBytes(certificate.ToPem()));
        }

        return Load();
    }

    // A link that leads nowhere is a link all the same.
    private static bool IsThere(string path) =>
        new FileInfo(path).LinkTarget is null ? File.Exists(path) : throw Damaged($"{path} is a symbolic link");

    private static string ReadText(string path)
    {
        using var file = RegularFile.OpenRead(path);
        if (file.Length > SecretFile.MaxBytes)
        {
            throw Damaged($"{path} is too large for a certificate");
        }

        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static ParleyException Damaged(string what, Exception? inner = null) =>
        new(ErrorCode.FileDamaged, $"The certificate for peers cannot be used: {what}. Restore both files from a copy, or remove both and hand the new fingerprint to every peer.", inner);

    private Ed25519Key MakeKey()
    {
        var key = Ed25519Key.Generate();
        SecretFile.Write(_keyFile, Encoding.ASCII.GetBytes(key.ExportPkcs8Pem()));
        return key;
    }

    private Ed25519Key ReadKey()
    {
        try
        {
            return Ed25519Key.ImportPkcs8Pem(Encoding.UTF8.GetString(SecretFile.Read(_keyFile)));
        }
        catch (CryptographicException exception)
        {
            throw Damaged($"{_keyFile} is not an Ed25519 key in PEM", exception);
        }
    }

    private void CheckDates(TlsIdentity identity)
    {
        var validity = identity.Certificate.ValidityAt(_timeProvider.GetUtcNow(), _clockSkew);
        if (validity != CertificateValidity.Valid)
        {
            identity.Dispose();
            throw Damaged(validity == CertificateValidity.Expired ? "it has expired" : "it is not valid yet, so the clock is wrong");
        }
    }
}
