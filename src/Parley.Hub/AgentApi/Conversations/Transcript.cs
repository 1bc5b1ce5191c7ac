using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Parley.Gateway.OpenAi;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>What a conversation is recognised by: a SHA-256 over all of it, so that nothing but an equal one fits.</summary>
internal static class Transcript
{
    /// <summary>The hash of turns.</summary>
    public static byte[] Hash(IEnumerable<ModelTurn> turns)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var turn in turns)
        {
            hash.AppendData([(byte)turn.Role]);
            Append(hash, Encoding.UTF8.GetBytes(turn.Text));
            Append(hash, turn.ToolCalls.Span);
            Append(hash, Encoding.UTF8.GetBytes(turn.ToolCall));
            foreach (var link in turn.Links)
            {
                Append(hash, Encoding.UTF8.GetBytes(link.Url));
            }

            foreach (var file in turn.Files)
            {
                Append(hash, file.Content.Span);
            }
        }

        return hash.GetHashAndReset();
    }

    // With its length before it, so that no part runs into the next one.
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
