using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>What makes a send the same as another: who, to whom, and the id that the caller gave its message.</summary>
/// <param name="Owner">Whose task.</param>
/// <param name="Agent">The agent's canonical address.</param>
/// <param name="MessageId">The caller's id.</param>
internal readonly record struct SendKey(TaskOwner Owner, string Agent, string MessageId)
{
    /// <summary>Longest message id and context id in characters.</summary>
    public const int MaxIdLength = 512;

    /// <summary>A key of a send.</summary>
    public static SendKey Of(TaskOwner owner, AgentAddress agent, string messageId) => new(owner, agent.ToString(), messageId);

    /// <summary>The id of the envelope that carries it: the same after a crash, so that it is routed once.</summary>
    public string ToEnvelopeId()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Owner.Text);
        Append(hash, Agent);
        Append(hash, MessageId);
        return Base64Url.EncodeToString(hash.GetHashAndReset());
    }

    /// <summary>The thread of a context: the context itself where it can be one.</summary>
    public static string ThreadOf(string contextId) => EnvelopeId.TryParse(contextId, out _) && !ChatThread.Is(contextId)
        ? contextId
        : "context-" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(contextId)));

    /// <summary>What a repeated send must have in common with the first. The order of members in free JSON does not count.</summary>
    public static byte[] ContentHash(SendMessageRequest request)
    {
        var ordered = StableMessage.Of(request.Message);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(ordered.ToByteArray());
        if (request.Metadata is not null)
        {
            hash.AppendData(StableMessage.Of(request.Metadata).ToByteArray());
        }

        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, string text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        var bytes = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
