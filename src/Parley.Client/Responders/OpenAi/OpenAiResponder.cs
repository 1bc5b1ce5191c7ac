using System.Runtime.CompilerServices;
using System.Text.Json;
using Parley.Client.Responders.Tools;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.OpenAi;

/// <summary>Lets a model behind any OpenAI-compatible <c>/chat/completions</c> answer, streamed, with the history of the thread and with tools.</summary>
/// <remarks>
/// Each step asks the model once; what it calls is run and told to it in the next step. It ends when the model calls nothing, calls a tool of the sender's, or is at a limit.
/// </remarks>
public sealed class OpenAiResponder : IResponder, IDisposable
{
    private readonly OpenAiResponderOptions _options;
    private readonly ToolBox _tools;
    private readonly ModelServer _server;
    private readonly ThreadHistory _history;

    /// <summary>Sets up the responder; nothing is sent before the first message.</summary>
    /// <param name="options">Which model.</param>
    /// <param name="tools">What the model may use beside its own words.</param>
    /// <param name="clock">For threads that fall silent.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for an address that is not http or https, or an empty model name.</exception>
    public OpenAiResponder(OpenAiResponderOptions options, ToolBox tools, TimeProvider clock)
    {
        if (!options.BaseUrl.IsAbsoluteUri || options.BaseUrl.Scheme is not ("http" or "https"))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The address of an OpenAI-compatible server begins with http:// or https://.");
        }

        if (string.IsNullOrWhiteSpace(options.Model))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Name the model with --model.");
        }

        _options = options;
        _tools = tools;
        _server = new ModelServer(options);
        _history = new ThreadHistory(options.History, clock);
    }

    /// <inheritdoc/>
    public ResponderTraits Traits => ResponderTraits.None;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var offer = await _tools.OfferAsync(request, cancellationToken);
        var exchange = ModelExchange.Of(request, _history, _options.MaxImageBytes);
        List<ChatMessage> messages = [Prompt.System(_options.SystemPrompt, offer.All.Count > 0), .. exchange.Messages];
        var answer = new ModelAnswer();
        var tokens = new TokenCount();
        ModelStep step;
        for (var number = 1; ; number++)
        {
            step = new ModelStep();
            await foreach (var chunk in _server.AskAsync(RequestOf(messages, offer, isLast: number >= _tools.Limits.MaxSteps, number == 1 ? ToolChoice.Of(request, offer) : null), cancellationToken))
            {
                if (answer.Add(step.Add(chunk)) is { Length: > 0 } piece)
                {
                    yield return new ResponderEvent.Text(piece, IsDelta: true);
                }
            }

            tokens.Add(step.Usage, messages.Sum(message => message.Content?.Length ?? 0) + step.Text.Length);
            if (End(step, offer, number, tokens.Spent, answer) is { } end)
            {
                foreach (var last in end)
                {
                    yield return last;
                }

                break;
            }

            yield return new ResponderEvent.Status(ResponderState.Working, "uses " + string.Join(", ", step.Calls.Select(call => call.Name).Distinct()));
            messages.Add(new ChatMessage("assistant", step.Text) { ToolCalls = [.. step.Calls.Select(call => call.ToWire())] });
            messages.AddRange(await _tools.CallAsync(offer, step.Calls, request, cancellationToken));
            answer.EndStep();
        }

        if (!step.IsBroken)
        {
            exchange.Remember(_history, answer.Text, [.. step.Calls.Where(offer.IsTheirs)]);
        }

        yield return tokens.ToEvent(step.Model ?? _options.Model);
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    private ChatCompletionRequest RequestOf(IReadOnlyList<ChatMessage> messages, ToolOffer offer, bool isLast, JsonElement? choice)
    {
        var request = new ChatCompletionRequest(_options.Model, messages, Stream: true);
        var tools = isLast ? offer.Theirs : offer.All;
        return tools.Count > 0 ? request with { Tools = tools, ToolChoice = choice }
            : offer.HasOwn && _tools.Limits.MaxSteps > 1 ? request with { Tools = offer.All, ToolChoice = ToolChoice.None }
            : request;
    }

    /// <summary>What ends the answer after a step; null when it goes on.</summary>
    private List<ResponderEvent>? End(ModelStep step, ToolOffer offer, int number, long spent, ModelAnswer answer)
    {
        if (step.IsBroken)
        {
            return [new ResponderEvent.Failed(ErrorCode.ResponderFailed, "The model's server reported an error in the middle of its answer.")];
        }

        var theirs = step.Calls.Where(offer.IsTheirs).Select(call => call.ToWire()).ToList();
        if (theirs.Count > 0)
        {
            return [new ResponderEvent.ToolsCalled(new Body(JsonSerializer.SerializeToUtf8Bytes(theirs, OpenAiJson.Wire.IReadOnlyListChatToolCall)))];
        }

        if (step.Calls.Count == 0)
        {
            return step.FinishReason switch
            {
                "length" => [new ResponderEvent.LeftOut("the model reached its length limit")],
                "content_filter" => [new ResponderEvent.Status(ResponderState.Rejected)],
                _ => [],
            };
        }

        var limit = number >= _tools.Limits.MaxSteps ? $"{_tools.Limits.MaxSteps} steps"
            : spent >= _tools.Limits.TokenBudget ? $"budget of {_tools.Limits.TokenBudget} tokens"
            : null;
        return limit is null ? null
            : answer.Text.Length > 0 ? [new ResponderEvent.LeftOut($"the model wanted to go on after its {limit}")]
            : [new ResponderEvent.Failed(ErrorCode.ResponderFailed, $"The model gave no answer within its {limit}.")];
    }
}
