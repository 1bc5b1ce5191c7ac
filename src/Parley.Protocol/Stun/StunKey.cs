using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Protocol.Stun;

/// <summary>The keys of MESSAGE-INTEGRITY (RFC 8489, sections 9.1.1 and 9.2.2). Names and passwords are used as they are: who needs SASLprep applies it first.</summary>
public static class StunKey
{
    /// <summary>Key of short-term credentials: the password.</summary>
    public static byte[] ShortTerm(string password) => Encoding.UTF8.GetBytes(password);

    /// <summary>Key of long-term credentials: MD5 of user, realm and password. MD5 is what the protocol says; it hides nothing here.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "RFC 8489, section 9.2.2 says MD5; servers know no other form.")]
    public static byte[] LongTerm(string user, string realm, string password) => MD5.HashData(Encoding.UTF8.GetBytes($"{user}:{realm}:{password}"));

    /// <summary>The same with SHA-256, where the server asked for it.</summary>
    public static byte[] LongTermSha256(string user, string realm, string password) => SHA256.HashData(Encoding.UTF8.GetBytes($"{user}:{realm}:{password}"));
}
