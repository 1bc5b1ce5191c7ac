using Google.Protobuf;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using A2a = Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>Makes the message that an agent reads of a request to a model. Pure.</summary>
/// <remarks>
/// A caller that carries the conversation has all of it handed on: the last message of its user is the content, everything else the history.
/// On a thread that the agent remembers, only what is new is told, as content; instructions stand before it then, since there is no history that could hold them.
/// </remarks>
internal static class ConversationMessage
{
    /// <summary>The message.</summary>
    /// <param name="request">What the caller asks.</param>
    /// <param name="isCarried">Whether the caller carries the conversation.</param>
    /// <param name="timeout">How long the caller waits.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: nothing to answer. <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public static Message Build(ModelRequest request, bool isCarried, TimeSpan timeout)
    {
        var turns = request.Turns;
        var message = new Message { HasHistory = isCarried, TimeoutMs = (ulong)timeout.TotalMilliseconds, Tools = Wrap(request.Tools) };
        var last = LastSpoken(turns);
        if (isCarried && turns[last].Role == ModelRole.Tool)
        {
            // Whoever knows of tools reads the results in the history, with the calls that they answer.
            message.History.AddRange(turns.Select(TurnOf));
            message.Content = Text(turns.Skip(FirstOfResults(turns, last)).Where(turn => turn.Role == ModelRole.Tool));
        }
        else if (isCarried)
        {
            message.History.AddRange(turns.Where((_, index) => index != last).Select(TurnOf));
            message.Content = ByteString.CopyFromUtf8(turns[last].Text);
        }
        else
        {
            // With results of tools among it, what is new is told turn by turn as well, so that each result is known to belong to its call.
            message.History.AddRange(turns.Any(turn => turn.Role == ModelRole.Tool) ? turns.Select(TurnOf) : []);
            message.Content = Text(turns);
        }

        AddLinks(message, turns, last);

        foreach (var file in turns.SelectMany(turn => turn.Files))
        {
            message.Files.Add(new FilePart { Name = file.Name, MediaType = file.MediaType, Content = Wrap(file.Content) });
        }

        foreach (var (name, value) in request.Settings)
        {
            message.Meta[name] = value;
        }

        return message.CalculateSize() <= MessagingLimits.MaxBodyBytes
            ? message
            : throw new ParleyException(ErrorCode.MessageTooLarge, $"The messages are larger than {MessagingLimits.MaxContentBytes / (1024 * 1024)} MiB together.");
    }

    // Addresses stand in the text; as parts beside it a responder can tell what they are.
    private static void AddLinks(Message message, IReadOnlyList<ModelTurn> turns, int last)
    {
        var links = turns[last].Links.Concat(turns.Where((_, index) => index != last).SelectMany(turn => turn.Links)).ToList();
        if (links.Count == 0)
        {
            return;
        }

        var parts = new A2a.Message { Role = A2a.Role.User };
        if (!message.Content.IsEmpty)
        {
            parts.Parts.Add(new A2a.Part { Text = message.Content.ToStringUtf8() });
        }

        parts.Parts.AddRange(links.Select(link => new A2a.Part { Url = link.Url, MediaType = link.MediaType }));
        message.A2A = parts.ToByteString();
    }

    // System messages may follow the one that is to be answered.
    private static int LastSpoken(IReadOnlyList<ModelTurn> turns)
    {
        for (var index = turns.Count - 1; index >= 0; index--)
        {
            switch (turns[index].Role)
            {
                case ModelRole.User or ModelRole.Tool:
                    return index;
                case ModelRole.Agent:
                    throw new ParleyException(ErrorCode.InvalidArgument, "The last message must be the user's or a tool's.") { Field = "messages" };
                default:
                    continue;
            }
        }

        return turns.Count - 1;
    }

    private static int FirstOfResults(IReadOnlyList<ModelTurn> turns, int last)
    {
        while (last > 0 && turns[last - 1].Role == ModelRole.Tool)
        {
            last--;
        }

        return last;
    }

    private static Turn TurnOf(ModelTurn turn)
    {
        // Files go beside the message, so the turn says which were its own.
        var lines = turn.Files.Select(file => $"Attached file: {file.Name}").Prepend(turn.Text).Where(line => line.Length > 0);
        return new Turn
        {
            Role = turn.Role.ToString().ToLowerInvariant(),
            Text = string.Join('\n', lines),
            ToolCalls = Wrap(turn.ToolCalls),
            ToolCall = turn.ToolCall,
        };
    }

    private static ByteString Text(IEnumerable<ModelTurn> turns) => ByteString.CopyFromUtf8(string.Join("\n\n", turns.Select(turn => turn.Text).Where(text => text.Length > 0)));

    private static ByteString Wrap(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);
}
