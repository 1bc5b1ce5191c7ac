using System.Security.Cryptography;
using System.Text;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.Config;

/// <summary>Who this home is: three keys made together, and the identity key's signed word that the other two are its own.</summary>
/// <remarks>
/// Files, all of mode 0600: <c>identity.key</c> (Ed25519, signs; hub and peers pin it), <c>identity.x25519.key</c> (key agreement), <c>identity.tls.key</c>
/// (Ed25519, the agent's TLS certificate), each PKCS#8 in PEM; <c>identity.json</c> holds the public keys and the binding and is written last, so a home with it is whole.
/// Signing is safe from many threads.
/// </remarks>
public sealed class HomeIdentity : IDisposable
{
    internal const string IdentityKeyName = "identity.key";
    internal const string KeyAgreementKeyName = "identity.x25519.key";
    internal const string TlsKeyName = "identity.tls.key";
    internal const string CertificateName = "identity.crt";
    internal const string BindingName = "identity.json";
    private const string LockName = "identity";

    private readonly Ed25519Key _identity;

    private HomeIdentity(Ed25519Key identity, X25519Key keyAgreement, Ed25519Key tls, KeyBinding binding) =>
        (_identity, KeyAgreement, Tls, Binding) = (identity, keyAgreement, tls, binding);

    /// <summary>The identity key's public half, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _identity.PublicKey;

    /// <summary>How people compare the identity key, <c>SHA256:...</c>.</summary>
    public string Fingerprint => KeyFingerprint.Of(_identity.PublicKey);

    /// <summary>The key for key agreement.</summary>
    public X25519Key KeyAgreement { get; }

    /// <summary>The key of this agent's TLS certificates.</summary>
    public Ed25519Key Tls { get; }

    /// <summary>The signed statement that ties <see cref="KeyAgreement"/> and <see cref="Tls"/> to the identity key.</summary>
    public KeyBinding Binding { get; }

    /// <summary>Reads the home's identity.</summary>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.NotJoined"/>: the home has none. <see cref="ErrorCode.FilePermissions"/>: others may read a key.
    /// <see cref="ErrorCode.FileDamaged"/>: files are missing, damaged or do not belong together.
    /// </exception>
    public static HomeIdentity Load(HomeFolder home) =>
        TryLoad(home) ?? throw new ParleyException(ErrorCode.NotJoined, HubProfile.NotJoinedText);

    /// <summary>Reads the home's identity, and makes it where there is none.</summary>
    /// <exception cref="ParleyException">As <see cref="Load"/>, and <see cref="ErrorCode.Conflict"/>: another process is making it right now.</exception>
    public static HomeIdentity LoadOrCreate(HomeFolder home)
    {
        if (TryLoad(home) is { } present)
        {
            return present;
        }

        using var held = home.TryLock(LockName)
            ?? throw new ParleyException(ErrorCode.Conflict, "Another process is setting up this home: try again when it is done.");
        return TryLoad(home) ?? Create(home);
    }

    /// <summary>Signs with the identity key. The data must begin with its purpose and NUL, as the classes of Parley.Protocol.Identity build it.</summary>
    /// <returns>The signature, 64 bytes.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data) => _identity.Sign(data);

    /// <inheritdoc/>
    public void Dispose()
    {
        _identity.Dispose();
        KeyAgreement.Dispose();
        Tls.Dispose();
    }

    private static HomeIdentity? TryLoad(HomeFolder home)
    {
        if (home.ReadSecret(BindingName) is not { } json)
        {
            return null;
        }

        var binding = BindingFile.Read(json);
        var identity = new HomeIdentity(
            ReadKey(home, IdentityKeyName, Ed25519Key.ImportPkcs8Pem),
            ReadKey(home, KeyAgreementKeyName, X25519Key.ImportPkcs8Pem),
            ReadKey(home, TlsKeyName, Ed25519Key.ImportPkcs8Pem),
            binding);
        if (!identity.IsWhole())
        {
            identity.Dispose();
            throw Damaged("its keys do not belong together");
        }

        return identity;
    }

    // A home whose making was interrupted has keys but no binding: they were never shown to anyone, so they are replaced.
    private static HomeIdentity Create(HomeFolder home)
    {
        var identity = Ed25519Key.Generate();
        var keyAgreement = X25519Key.Generate();
        var tls = HasOwnCertificate(home) ? ReadKey(home, TlsKeyName, Ed25519Key.ImportPkcs8Pem) : Ed25519Key.Generate();
        var signature = identity.Sign(KeyBinding.Build(keyAgreement.PublicKey, tls.PublicKey));
        var binding = new KeyBinding(identity.PublicKey.ToArray(), keyAgreement.PublicKey.ToArray(), tls.PublicKey.ToArray(), signature);
        home.WriteSecret(IdentityKeyName, Encoding.ASCII.GetBytes(identity.ExportPkcs8Pem()));
        home.WriteSecret(KeyAgreementKeyName, Encoding.ASCII.GetBytes(keyAgreement.ExportPkcs8Pem()));
        home.WriteSecret(TlsKeyName, Encoding.ASCII.GetBytes(tls.ExportPkcs8Pem()));
        home.WriteSecret(BindingName, BindingFile.Write(binding));
        return new HomeIdentity(identity, keyAgreement, tls, binding);
    }

    // A certificate that its owner made with openssl, and may have handed to peers already: its key is kept.
    private static bool HasOwnCertificate(HomeFolder home) => home.Has(TlsKeyName) && home.Has(CertificateName);

    private static TKey ReadKey<TKey>(HomeFolder home, string name, Func<string, TKey> import)
    {
        var pem = home.ReadSecret(name) ?? throw Damaged($"{name} is missing");
        try
        {
            return import(Encoding.ASCII.GetString(pem));
        }
        catch (CryptographicException)
        {
            throw Damaged($"{name} is not the key that it should be");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
        }
    }

    private static ParleyException Damaged(string what) =>
        new(ErrorCode.FileDamaged, $"The home's identity is damaged: {what}. Restore it from a copy, or join again from a new home.");

    private bool IsWhole() =>
        Binding.Identity.Span.SequenceEqual(PublicKey) &&
        Binding.KeyAgreement.Span.SequenceEqual(KeyAgreement.PublicKey) &&
        Binding.Tls.Span.SequenceEqual(Tls.PublicKey) &&
        Ed25519.Verify(PublicKey, Binding.SignedBytes(), Binding.Signature.Span);
}
