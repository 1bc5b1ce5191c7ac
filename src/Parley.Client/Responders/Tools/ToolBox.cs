using System.Text.Json;
using Microsoft.Extensions.Logging;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Client.Responders.Tools;

/// <summary>The tools that a listener's owner lets its model use, and the limits around each call. Thread-safe.</summary>
/// <remarks>Whatever goes wrong with a call is a result that says so: only cancellation of the whole message ends the work.</remarks>
public sealed partial class ToolBox
{
    private readonly IReadOnlyList<IToolSource> _sources;
    private readonly TimeProvider _clock;
    private readonly ILogger<ToolBox> _log;

    /// <summary>A box of these tools.</summary>
    public ToolBox(IReadOnlyList<IToolSource> sources, ToolLimits limits, TimeProvider clock, ILogger<ToolBox> log)
    {
        _sources = sources;
        Limits = limits;
        _clock = clock;
        _log = log;
    }

    /// <summary>How far a model may go.</summary>
    public ToolLimits Limits { get; }

    /// <summary>Whether the agent has tools of its own at all.</summary>
    public bool HasSources => _sources.Count > 0;

    /// <summary>What is on offer for a message.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the sender's tools are none.</exception>
    internal async Task<ToolOffer> OfferAsync(ResponderRequest request, CancellationToken cancellationToken)
    {
        var offer = new ToolOffer();
        if (request.Tools is { } tools && !ToolChoice.IsNone(request))
        {
            offer.AddTheirs(ChatTools.Read(tools.Bytes));
        }

        foreach (var source in _sources)
        {
            try
            {
                var offered = await source.ListAsync(cancellationToken);
                offer.AddOwn(source, request.MayUseTool is { } may ? offered.Where(tool => may(tool.Name)) : offered);
            }
            catch (ParleyException exception)
            {
                LogUnavailable(exception.Message);
            }
        }

        return offer;
    }

    /// <summary>Runs calls at the same time; the results are messages for the model, in the order of the calls.</summary>
    internal async Task<IReadOnlyList<ChatMessage>> CallAsync(ToolOffer offer, IReadOnlyList<ToolCall> calls, ResponderRequest request, CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(calls.Select((call, place) => place < Limits.MaxCallsPerStep
            ? CallAsync(offer, call, request, cancellationToken)
            : Task.FromResult(Error($"At most {Limits.MaxCallsPerStep} calls at once: this one was not made."))));
        return [.. calls.Zip(outcomes, (call, outcome) => new ChatMessage("tool", ToolText.Of(call.Name, outcome, Limits.MaxResultCharacters)) { ToolCallId = call.Id })];
    }

    private async Task<ToolOutcome> CallAsync(ToolOffer offer, ToolCall call, ResponderRequest request, CancellationToken cancellationToken)
    {
        if (offer.SourceOf(call.Name) is not { } source)
        {
            return Error($"There is no tool of this name. There are: {string.Join(", ", offer.OwnNames)}.");
        }

        if (ArgumentsOf(call) is not { } arguments)
        {
            return Error("The arguments are not a JSON object.");
        }

        using var timeout = new CancellationTokenSource(Limits.MaxTime, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await source.CallAsync(call.Name, arguments, request, linked.Token).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Error($"No result within {DurationText.Format(Limits.MaxTime)}.");
        }
        catch (ParleyException exception)
        {
            return Error(exception.Message);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, call.Name);
            return Error("The tool failed.");
        }
    }

    private static JsonElement? ArgumentsOf(ToolCall call)
    {
        try
        {
            using var document = JsonDocument.Parse(call.Arguments);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ToolOutcome Error(string message) => new(message, IsError: true);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tools are not on offer: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tool {Tool} failed")]
    private partial void LogFailed(Exception exception, string tool);
}
