using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.Config;

/// <summary><c>identity.json</c>: the home's public keys and the binding's signature, each as base64.</summary>
internal sealed record BindingFile(
    [property: JsonRequired] int Version,
    [property: JsonRequired] byte[] Identity,
    [property: JsonRequired] byte[] KeyAgreement,
    [property: JsonRequired] byte[] Tls,
    [property: JsonRequired] byte[] Signature)
{
    private const int CurrentVersion = 1;

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(KeyBinding binding)
    {
        var file = new BindingFile(
            CurrentVersion, binding.Identity.ToArray(), binding.KeyAgreement.ToArray(), binding.Tls.ToArray(), binding.Signature.ToArray());
        return JsonSerializer.SerializeToUtf8Bytes(file, ConfigJson.Default.BindingFile);
    }

    /// <summary>Reads the file; whether the signature holds is the caller's question.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FileDamaged"/>.</exception>
    public static KeyBinding Read(ReadOnlySpan<byte> json)
    {
        var file = ConfigJson.Read(json, ConfigJson.Default.BindingFile, "identity.json");
        var isGood = file is { Version: CurrentVersion, Identity.Length: KeyBinding.KeySize, KeyAgreement.Length: KeyBinding.KeySize, Tls.Length: KeyBinding.KeySize };
        return isGood
            ? new KeyBinding(file.Identity, file.KeyAgreement, file.Tls, file.Signature)
            : throw new ParleyException(ErrorCode.FileDamaged, "The file identity.json is damaged or was written by a newer Parley.");
    }
}
