using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Calls;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>What an agent's reply is to a caller of a model: an answer, or a refusal. Pure.</summary>
internal static class AnswerRules
{
    private const int MaxMessage = 1000;

    /// <summary>When an agent that is offline may be worth another try.</summary>
    public static readonly TimeSpan OfflineRetry = TimeSpan.FromSeconds(5);

    /// <summary>The answer.</summary>
    /// <exception cref="ParleyException">The reply is a failure.</exception>
    public static ModelAnswer Read(Reply reply)
    {
        if (reply.ErrorCode.Length > 0 || reply.State is ReplyState.Failed or ReplyState.Canceled or ReplyState.Interrupted)
        {
            throw Failure(reply);
        }

        if (reply.ExitCode != 0)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, $"The agent's program ended with code {reply.ExitCode}.");
        }

        var calls = ToolCallReader.Read(reply.ToolCalls.Memory);
        return new ModelAnswer(reply.Content.ToStringUtf8(), FinishOf(reply, calls.Count))
        {
            ToolCalls = calls,
            Files = [.. reply.Files.Select(file => new ModelFile(file.Name, file.MediaType, file.Content.Memory))],
            Usage = UsageOf(reply),
            Fingerprint = reply.Meta.TryGetValue("model", out var model) ? model : null,
        };
    }

    /// <summary>Why there is no answer.</summary>
    public static ParleyException Refusal(AgentCallEvent.Ended ended)
    {
        var code = CodeOf(ended.Code.Length > 0 ? ended.Code : ErrorMap.Of(ErrorCode.ResponderInterrupted).WireName);
        var message = ended.Message.Length > 0 ? ended.Message : "The agent gave no answer.";
        return code == ErrorCode.AgentOffline ? Offline(message) : new ParleyException(code, message);
    }

    /// <summary>The refusal of a call to an agent that has no listener.</summary>
    public static ParleyException Offline(string message) => new(ErrorCode.AgentOffline, message) { RetryAfter = OfflineRetry };

    private static ParleyException Failure(Reply reply)
    {
        var code = reply.ErrorCode.Length > 0 ? CodeOf(reply.ErrorCode) : reply.State == ReplyState.Interrupted ? ErrorCode.ResponderInterrupted : ErrorCode.ResponderFailed;
        var message = reply.ErrorMessage.Length > 0 ? reply.ErrorMessage : reply.Content.ToStringUtf8();
        return new ParleyException(code, message.Length == 0 ? "The agent failed." : message.Length > MaxMessage ? message[..MaxMessage] : message);
    }

    // An agent's word may not look like the hub's own: a caller would look for a new key, or try again for ever.
    private static ErrorCode CodeOf(string wireName)
    {
        var code = ErrorMap.FromWireName(wireName);
        return code == ErrorCode.Canceled || ErrorMap.Of(code).Http is 401 or 409 or 429 or 500 ? ErrorCode.ResponderFailed : code;
    }

    private static ModelFinish FinishOf(Reply reply, int calls) =>
        calls > 0 ? ModelFinish.ToolCalls : reply.State == ReplyState.Rejected ? ModelFinish.Refused : reply.Truncated ? ModelFinish.Length : ModelFinish.Stop;

    private static ModelUsage? UsageOf(Reply reply)
    {
        var (input, output, total) = (Number(reply, "input_tokens"), Number(reply, "output_tokens"), Number(reply, "tokens_used"));
        return (input, output, total) is (null, null, null) ? null : new ModelUsage(input, output, total ?? (input + output));
    }

    private static long? Number(Reply reply, string name) =>
        reply.Meta.TryGetValue(name, out var text) && long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
