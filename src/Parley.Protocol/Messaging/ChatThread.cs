using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Identity;

namespace Parley.Protocol.Messaging;

/// <summary>The thread on which two agents' people talk: the same for both, so that two chats find each other without a word before.</summary>
public static class ChatThread
{
    /// <summary>How such threads begin. A session that awaits one of them gets its requests, whoever else listens.</summary>
    public const string Prefix = "chat-";

    private const int HashBytes = 16;

    /// <summary>The thread of a pair, whichever of the two asks.</summary>
    public static string Of(AgentAddress one, AgentAddress other)
    {
        var names = new[] { one.ToString(), other.ToString() };
        Array.Sort(names, StringComparer.Ordinal);
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names))).AsSpan(0, HashBytes));
    }

    /// <summary>Whether a thread is one of a chat.</summary>
    public static bool Is(string thread) => thread.StartsWith(Prefix, StringComparison.Ordinal);
}
