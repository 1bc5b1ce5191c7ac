using System.Text;
using Parley.Gateway.OpenAi;

namespace Parley.Client.Responders.OpenAi;

/// <summary>What one answer of a model comes to: text, calls of tools, cost. Pure.</summary>
internal sealed class ModelStep
{
    private readonly StringBuilder _text = new();
    private readonly ToolCallAssembly _calls = new();

    /// <summary>The text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Calls of tools.</summary>
    public IReadOnlyList<ToolCall> Calls => _calls.ToCalls();

    /// <summary>The cost as the server reports it; null when it does not.</summary>
    public ChatUsage? Usage { get; private set; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; private set; }

    /// <summary>Why it ended; null when the server did not say.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>The server reported an error in the middle.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Takes a chunk.</summary>
    /// <returns>The text in it; empty for none.</returns>
    public string Add(ChatCompletion chunk)
    {
        IsBroken |= chunk.Error is not null;
        Usage = chunk.Usage ?? Usage;
        Model = chunk.Model ?? Model;
        var choice = chunk.Choices is { Count: > 0 } choices ? choices[0] : null;
        FinishReason = choice?.FinishReason ?? FinishReason;
        var message = choice?.Delta ?? choice?.Message;
        if (message?.ToolCalls is { } calls)
        {
            _calls.Add(calls);
        }

        var text = message?.Content?.Text ?? string.Empty;
        _text.Append(text);
        return text;
    }
}
