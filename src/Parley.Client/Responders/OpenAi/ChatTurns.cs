using Parley.Gateway.OpenAi;

namespace Parley.Client.Responders.OpenAi;

/// <summary>Turns of a conversation as a model's server takes them. Pure.</summary>
/// <remarks>
/// Servers refuse a call without its result, a result without its call, and anything between the two. Callers send all of that, so calls that nobody answered are left out,
/// results are brought to their calls, and a result without a call becomes text of the other side.
/// </remarks>
internal static class ChatTurns
{
    /// <summary>The messages.</summary>
    public static IReadOnlyList<ChatMessage> Of(IReadOnlyList<ResponderTurn> turns)
    {
        var messages = new List<ChatMessage>();
        for (var next = 0; next < turns.Count;)
        {
            // A round: what the agent said, and all that the other side said until the agent speaks again.
            var agent = turns[next].Role == TurnRole.Agent ? turns[next++] : null;
            var others = turns.Skip(next).TakeWhile(turn => turn.Role != TurnRole.Agent).ToList();
            next += others.Count;
            AddRound(messages, agent, others);
        }

        return messages;
    }

    private static void AddRound(List<ChatMessage> messages, ResponderTurn? agent, List<ResponderTurn> others)
    {
        var results = new Dictionary<string, ResponderTurn>(StringComparer.Ordinal);
        foreach (var result in others.Where(turn => turn.Role == TurnRole.Tool && turn.ToolCall.Length > 0))
        {
            results.TryAdd(result.ToolCall, result);
        }

        var calls = (agent?.ToolCalls ?? []).Where(call => results.ContainsKey(call.Id)).DistinctBy(call => call.Id).ToList();
        if (calls.Count > 0)
        {
            messages.Add(new ChatMessage("assistant", agent!.Text) { ToolCalls = [.. calls.Select(call => call.ToWire())] });
            messages.AddRange(calls.Select(call => new ChatMessage("tool", results[call.Id].Text) { ToolCallId = call.Id }));
        }
        else if (agent is { Text.Length: > 0 })
        {
            messages.Add(new ChatMessage("assistant", agent.Text));
        }

        var used = calls.Select(call => results[call.Id]).ToHashSet(ReferenceEqualityComparer.Instance);
        messages.AddRange(others.Where(turn => !used.Contains(turn)).Select(Prompt.Turn));
    }
}
