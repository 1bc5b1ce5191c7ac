using Parley.Gateway.OpenAi;

namespace Parley.Client.Responders.OpenAi;

/// <summary>What all steps of a message cost, as the server reports it.</summary>
internal sealed class TokenCount
{
    // Where a server reports nothing, a budget still has to end somewhere: four characters a token. This guess is told to nobody.
    private const int CharactersPerToken = 4;

    private long? _input;
    private long? _output;
    private long? _total;

    /// <summary>Tokens against the budget.</summary>
    public long Spent { get; private set; }

    /// <summary>Adds a step.</summary>
    /// <param name="usage">As reported; null for nothing.</param>
    /// <param name="characters">Characters that went in and out.</param>
    public void Add(ChatUsage? usage, long characters)
    {
        _input = Sum(_input, usage?.PromptTokens);
        _output = Sum(_output, usage?.CompletionTokens);
        _total = Sum(_total, usage?.TotalTokens);
        Spent += usage?.TotalTokens ?? Sum(usage?.PromptTokens, usage?.CompletionTokens) ?? characters / CharactersPerToken;
    }

    /// <summary>The sum of what was reported.</summary>
    public ResponderEvent.Usage ToEvent(string model) => new(model, _total, _input, _output);

    private static long? Sum(long? left, long? right) => left is null && right is null ? null : (left ?? 0) + (right ?? 0);
}
