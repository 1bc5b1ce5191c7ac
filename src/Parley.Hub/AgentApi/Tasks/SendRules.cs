using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>What every message that is sent must have. Pure.</summary>
internal static class SendRules
{
    /// <summary>Refuses a send that lacks something, whatever the agent.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static void Check(SendMessageRequest request)
    {
        if (request.Message is not { } message)
        {
            throw Wrong("message", "A send has a message.");
        }

        CheckId(message.MessageId, "message.messageId");
        if (message.MessageId.Length == 0)
        {
            throw Wrong("message.messageId", "A message has an id of its sender's.");
        }

        CheckId(message.ContextId, "message.contextId");
        CheckId(message.TaskId, "message.taskId");
        if (message.Parts.Count == 0)
        {
            throw Wrong("message.parts", "A message has at least one part.");
        }

        for (var place = 0; place < message.Parts.Count; place++)
        {
            if (message.Parts[place].ContentCase == Part.ContentOneofCase.None)
            {
                throw Wrong($"message.parts[{place}]", "A part has a text, raw, url or data.");
            }
        }

        if (request.Configuration is { HasHistoryLength: true, HistoryLength: < 0 })
        {
            throw Wrong("configuration.historyLength", "The length of a history cannot be negative.");
        }
    }

    private static void CheckId(string id, string field)
    {
        if (id.Length > SendKey.MaxIdLength)
        {
            throw Wrong(field, $"An id has at most {SendKey.MaxIdLength} characters.");
        }
    }

    private static ParleyException Wrong(string field, string message) => new(ErrorCode.InvalidArgument, message) { Field = field };
}
