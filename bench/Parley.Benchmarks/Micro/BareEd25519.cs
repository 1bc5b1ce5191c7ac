using System.Runtime.InteropServices;

namespace Parley.Benchmarks.Micro;

/// <summary>libcrypto without anything around it: one key and one context for all operations, as <c>openssl speed</c> does it.</summary>
internal sealed unsafe class BareEd25519 : IDisposable
{
    private const int Ed25519 = 1087;
    private const int SeedSize = 32;
    private const int SignatureSize = 64;

    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint*, byte*, nuint, int> _sign;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, int> _verify;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _freeContext;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _freeKey;
    private readonly nint _key;
    private readonly nint _signing;
    private readonly nint _verifying;

    /// <summary>Loads the key of a seed.</summary>
    public BareEd25519(ReadOnlySpan<byte> seed)
    {
        var library = NativeLibrary.Load("libcrypto.so.3");
        _sign = (delegate* unmanaged[Cdecl]<nint, byte*, nuint*, byte*, nuint, int>)NativeLibrary.GetExport(library, "EVP_DigestSign");
        _verify = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, int>)NativeLibrary.GetExport(library, "EVP_DigestVerify");
        _freeContext = (delegate* unmanaged[Cdecl]<nint, void>)NativeLibrary.GetExport(library, "EVP_MD_CTX_free");
        _freeKey = (delegate* unmanaged[Cdecl]<nint, void>)NativeLibrary.GetExport(library, "EVP_PKEY_free");
        var newContext = (delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "EVP_MD_CTX_new");
        var newKey = (delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint>)NativeLibrary.GetExport(library, "EVP_PKEY_new_raw_private_key");
        var begin = (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "EVP_DigestSignInit");
        var beginVerify = (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "EVP_DigestVerifyInit");
        fixed (byte* bytes = seed)
        {
            _key = newKey(Ed25519, 0, bytes, SeedSize);
        }

        (_signing, _verifying) = (newContext(), newContext());
        if (_key == 0 || begin(_signing, 0, 0, 0, _key) != 1 || beginVerify(_verifying, 0, 0, 0, _key) != 1)
        {
            throw new InvalidOperationException("libcrypto refused the key.");
        }
    }

    /// <summary>Signs.</summary>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        nuint length = SignatureSize;
        fixed (byte* source = data, destination = signature)
        {
            Check(_sign(_signing, destination, &length, source, (nuint)data.Length) == 1);
        }
    }

    /// <summary>Verifies.</summary>
    public void Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        fixed (byte* source = data, shown = signature)
        {
            Check(_verify(_verifying, shown, SignatureSize, source, (nuint)data.Length) == 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _freeContext(_signing);
        _freeContext(_verifying);
        _freeKey(_key);
    }

    private static void Check(bool isGood)
    {
        if (!isGood)
        {
            throw new InvalidOperationException("libcrypto refused.");
        }
    }
}
