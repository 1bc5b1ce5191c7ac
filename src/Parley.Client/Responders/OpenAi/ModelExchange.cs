using Parley.Gateway.OpenAi;

namespace Parley.Client.Responders.OpenAi;

/// <summary>One message and what was said before it, as the model reads it and as its thread remembers it.</summary>
internal sealed class ModelExchange
{
    private readonly ResponderRequest _request;
    private readonly IReadOnlyList<ResponderTurn> _said;

    private ModelExchange(ResponderRequest request, IReadOnlyList<ChatMessage> messages, IReadOnlyList<ResponderTurn> said) =>
        (_request, Messages, _said) = (request, messages, said);

    /// <summary>The conversation for the model, without its rules.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>Puts it together.</summary>
    /// <param name="request">The message.</param>
    /// <param name="kept">What this agent remembers.</param>
    /// <param name="maxImageBytes">Largest picture that the model is shown.</param>
    public static ModelExchange Of(ResponderRequest request, ThreadHistory kept, long maxImageBytes)
    {
        var earlier = request.History?.Select(turn => Prompt.Marked(turn, request)).ToList() ?? kept.Of(request.From, request.Thread);
        var news = request.News?.Select(turn => Prompt.Marked(turn, request)).ToList()
            ?? (request.History is [.., { Role: TurnRole.Tool }] ? [] : null);
        if (news is not null)
        {
            // The content repeats what these turns say.
            List<ChatMessage> turns = [.. ChatTurns.Of([.. earlier, .. news])];
            return new ModelExchange(
                request, Prompt.Attachments(request, maxImageBytes) is { } files ? [.. turns, new ChatMessage("user", files)] : turns, request.History is null ? news : earlier);
        }

        var question = Prompt.Question(request, maxImageBytes);
        var asked = new ResponderTurn(TurnRole.User, question.Text);
        return new ModelExchange(request, [.. ChatTurns.Of(earlier), new ChatMessage("user", question)], request.History is null ? [asked] : [.. earlier, asked]);
    }

    /// <summary>Keeps it in its thread. A conversation that the caller carried replaces what was known: that is where it stands.</summary>
    /// <param name="kept">Where.</param>
    /// <param name="text">The answer.</param>
    /// <param name="calls">The calls of the sender's tools that it ended with.</param>
    public void Remember(ThreadHistory kept, string text, IReadOnlyList<ToolCall> calls)
    {
        if (text.Length > 0 || calls.Count > 0)
        {
            kept.Add(_request.From, _request.Thread, _said.Append(new ResponderTurn(TurnRole.Agent, text) { ToolCalls = calls }), isWhole: _request.History is not null);
        }
    }
}
