using System.Security.Cryptography;
using System.Text;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>Names threads of callers. Credential and agent are part of what is hashed, so no caller can name another's thread, whatever it sends.</summary>
internal static class ThreadNames
{
    /// <summary>Longest name that a caller may give, in characters.</summary>
    public const int MaxLength = 256;

    private const int HashBytes = 20;

    /// <summary>The thread of a name.</summary>
    /// <param name="caller">Whose thread.</param>
    /// <param name="agent">With whom.</param>
    /// <param name="kind">Where the name comes from; names of different kinds never meet.</param>
    /// <param name="name">The name, 1 to 256 characters.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static string Of(Principal caller, AgentAddress agent, ThreadKind kind, string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The name of a thread has 1 to {MaxLength} characters.") { Field = kind == ThreadKind.User ? "user" : null };
        }

        var text = $"parley-openai-thread\0{caller.CredentialId}\0{agent}\0{(int)kind}\0{name}";
        return "oa-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes));
    }
}

/// <summary>Where the name of a thread comes from.</summary>
internal enum ThreadKind
{
    /// <summary>The header that names a thread.</summary>
    Header,

    /// <summary>The member <c>user</c>.</summary>
    User,

    /// <summary>The response that began it.</summary>
    Response,
}
