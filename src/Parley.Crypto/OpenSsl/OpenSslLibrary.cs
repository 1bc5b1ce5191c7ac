using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Parley.Crypto.OpenSsl;

/// <summary>Finds OpenSSL 3 for every P/Invoke of this assembly; an assembly can have one resolver only, so this is it.</summary>
internal static unsafe class OpenSslLibrary
{
    /// <summary>The name under which P/Invoke declarations ask for libcrypto.</summary>
    public const string Crypto = "libcrypto";

    /// <summary>The name under which P/Invoke declarations ask for libssl.</summary>
    public const string Ssl = "libssl";

    /// <summary><c>OPENSSL_INIT_NO_ATEXIT</c> of <c>openssl/crypto.h</c>.</summary>
    private const ulong NoAtExit = 0x00080000;

    private static readonly string[] _folders =
        OperatingSystem.IsMacOS() ? ["", "/opt/homebrew/opt/openssl@3/lib/", "/usr/local/opt/openssl@3/lib/"] : [""];

    // An explicit static constructor, so that it runs once, and not before it is asked for.
    static OpenSslLibrary() => NativeLibrary.SetDllImportResolver(typeof(OpenSslLibrary).Assembly, Resolve);

    /// <summary>Makes this class the assembly's resolver. Called from the static constructor of each P/Invoke class.</summary>
    public static void Register() => RuntimeHelpers.RunClassConstructor(typeof(OpenSslLibrary).TypeHandle);

    /// <summary>Loads the first candidate that exists.</summary>
    /// <exception cref="OpenSslMissingException">None of them does.</exception>
    internal static nint Load(string library, IEnumerable<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                return handle;
            }
        }

        throw new OpenSslMissingException(library);
    }

    /// <summary>File names of version 3 of a library, as each system spells them; never an unversioned one, which may be OpenSSL 1 or LibreSSL.</summary>
    internal static IEnumerable<string> Candidates(string library)
    {
        if (OperatingSystem.IsWindows())
        {
            return [$"{library}-3-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}.dll"];
        }

        var file = OperatingSystem.IsMacOS() ? $"{library}.3.dylib" : $"{library}.so.3";
        return _folders.Select(folder => folder + file);
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (library is not (Crypto or Ssl))
        {
            return 0;
        }

        // Whoever uses OpenSSL first decides whether it cleans up while the process exits: under the hands of threads that still use it. It must not.
        var crypto = Load(Crypto, Candidates(Crypto));
        _ = ((delegate* unmanaged[Cdecl]<ulong, nint, int>)NativeLibrary.GetExport(crypto, "OPENSSL_init_crypto"))(NoAtExit, 0);
        return library == Crypto ? crypto : Load(Ssl, Candidates(Ssl));
    }
}
