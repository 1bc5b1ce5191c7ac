namespace Parley.Crypto;

/// <summary>OpenSSL 3 is not on this machine. The message is one line that says what to install.</summary>
public sealed class OpenSslMissingException : Exception
{
    /// <summary>Names the library that was not found.</summary>
    /// <param name="library">Name without ending, for example <c>libcrypto</c>.</param>
    internal OpenSslMissingException(string library)
        : base($"OpenSSL 3 is needed ({library}) but was not found: install it (Debian: apt install libssl3, macOS: brew install openssl@3).")
    {
    }
}
