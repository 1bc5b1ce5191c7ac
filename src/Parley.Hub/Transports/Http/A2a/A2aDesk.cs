using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>What the HTTP bindings of A2A share: who calls whom, in which version, and the call of the operation.</summary>
internal sealed partial class A2aDesk
{
    private readonly IAgentOperations _operations;
    private readonly IAgentCards _cards;
    private readonly EventStreams _streams;
    private readonly AgentCallRates _rates;
    private readonly HubOptions _options;
    private readonly ILogger<A2aDesk> _logger;

    /// <summary>A desk in front of the operations.</summary>
    public A2aDesk(IAgentOperations operations, IAgentCards cards, EventStreams streams, AgentCallRates rates, HubOptions options, ILogger<A2aDesk> logger) =>
        (_operations, _cards, _streams, _rates, _options, _logger) = (operations, cards, streams, rates, options, logger);

    /// <summary>The version that a request names in its header, else in its query; null for none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolVersion"/>.</exception>
    public static A2aVersion? VersionOf(HttpContext context) => A2aNegotiation.OfHeader(VersionText(context));

    /// <summary>What a request says of its version.</summary>
    /// <remarks>Several values are one with commas, which is no version: nobody on the way can read another of them than this hub.</remarks>
    public static string? VersionText(HttpContext context) =>
        context.Request.Headers[A2aNegotiation.VersionHeader] is { Count: > 0 } header ? header.ToString() : context.Request.Query[A2aNegotiation.VersionHeader].ToString();

    /// <summary>Counts the call, and says who makes it.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>.</exception>
    public ApiCall Begin(HttpContext context, A2aVersion version)
    {
        var caller = context.Caller();
        _rates.Take(caller);
        var headers = context.Request.Headers;
        return new ApiCall(caller, version)
        {
            Extensions = A2aNegotiation.Extensions([.. headers[A2aNegotiation.ExtensionsHeader], .. headers[A2aNegotiation.OldExtensionsHeader]]),
            BaseUrl = PublicBase.Of(context, _options),
        };
    }

    /// <summary>Makes the request one to the agent of the path, where that names one, and says which extensions are in force.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> when path and request name different agents; <see cref="ErrorCode.AgentUnknown"/>.</exception>
    public void Address(HttpContext context, ApiCall call, IMessage request)
    {
        if (context.Request.RouteValues[A2aEndpoints.AgentValue] is string path)
        {
            A2aRequests.SetTenant(request, Agree(call.Caller, path, A2aRequests.TenantOf(request), "tenant"));
        }

        var name = A2aRequests.TenantOf(request);
        if (call.Extensions.Count > 0 && (name.Length > 0 || !A2aRequests.NamesTask(request)))
        {
            var declared = _cards.CardOf(_cards.Find(call.Caller, name), isExtended: false).Capabilities?.Extensions ?? [];
            var active = string.Join(", ", declared.Select(extension => extension.Uri).Where(uri => call.Extensions.Contains(uri) && Ascii.IsValid(uri)));
            if (active.Length > 0)
            {
                context.Response.Headers[call.Version == A2aVersion.V1 ? A2aNegotiation.ExtensionsHeader : A2aNegotiation.OldExtensionsHeader] = active;
            }
        }
    }

    /// <summary>The agent that path and body mean together; either may be empty.</summary>
    /// <param name="caller">Who asks: a bare name may be another's agent.</param>
    /// <param name="path">What the path names.</param>
    /// <param name="body">What the body names.</param>
    /// <param name="field">The body's member, for the refusal.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: they differ; <see cref="ErrorCode.AgentUnknown"/>.</exception>
    public string Agree(Principal caller, string path, string body, string field)
    {
        if (path.Length == 0 || body.Length == 0 || path == body)
        {
            return path.Length > 0 ? path : body;
        }

        var agent = _cards.Find(caller, path);
        return AgentIsNamed(agent, caller, body)
            ? agent.ToString()
            : throw new ParleyException(ErrorCode.InvalidArgument, "The path and the request name different agents.") { Field = field };
    }

    /// <summary>Runs an operation that has one answer; null where the answer is that it is done.</summary>
    public Task<IMessage?> RunAsync(HttpContext context, ApiCall call, A2aOperation operation, IMessage request) =>
        UntilStoppingAsync(context, cancellationToken => RunUntilAsync(call, operation, request, cancellationToken));

    /// <summary>Runs an operation that has one answer, for a caller who says by a token how long it waits.</summary>
    public Task<IMessage?> RunAsync(ApiCall call, A2aOperation operation, IMessage request, CancellationToken caller) =>
        UntilStoppingAsync(cancellationToken => RunUntilAsync(call, operation, request, cancellationToken), caller);

    /// <summary>Waits for something as long as the client is there and the hub does not stop.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Draining"/>.</exception>
    public Task<T> UntilStoppingAsync<T>(HttpContext context, Func<CancellationToken, Task<T>> run) => UntilStoppingAsync(run, context.RequestAborted);

    /// <summary>The same, as long as a token is not cancelled.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Draining"/>.</exception>
    public async Task<T> UntilStoppingAsync<T>(Func<CancellationToken, Task<T>> run, CancellationToken caller)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(caller, _streams.Stopping);
        try
        {
            return await run(ending.Token);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested && _streams.Stopping.IsCancellationRequested)
        {
            throw EventStreams.StoppingRefusal();
        }
    }

    /// <summary>Runs an operation that answers with events.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for a resumption from nowhere.</exception>
    public IAsyncEnumerable<TaskEvent> Stream(HttpContext context, ApiCall call, IMessage request, CancellationToken cancellationToken) => request switch
    {
        SendMessageRequest send => _operations.StreamAsync(call, send, cancellationToken),
        SubscribeToTaskRequest subscribe => _operations.SubscribeAsync(call, subscribe, LastEventOf(context), cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    /// <summary>Says what a translation left out, by the names of members.</summary>
    public void Note(Losses losses)
    {
        if (losses.Items.Count > 0 && _logger.IsEnabled(LogLevel.Debug))
        {
            LogLost(string.Join(", ", losses.Items));
        }
    }

    private bool AgentIsNamed(Protocol.Identity.AgentAddress agent, Principal caller, string name)
    {
        try
        {
            return _cards.Find(caller, name) == agent;
        }
        catch (ParleyException refusal) when (refusal.Code is ErrorCode.AgentUnknown or ErrorCode.AgentAmbiguous)
        {
            // That another agent is not there is nothing to be told here.
            return false;
        }
    }

    private async Task<IMessage?> RunUntilAsync(ApiCall call, A2aOperation operation, IMessage request, CancellationToken cancellationToken)
    {
        switch (operation)
        {
            case A2aOperation.SendMessage:
                return await _operations.SendAsync(call, (SendMessageRequest)request, cancellationToken);
            case A2aOperation.GetTask:
                return await _operations.GetAsync(call, (GetTaskRequest)request, cancellationToken);
            case A2aOperation.ListTasks:
                return await _operations.ListAsync(call, (ListTasksRequest)request, cancellationToken);
            case A2aOperation.CancelTask:
                return await _operations.CancelAsync(call, (CancelTaskRequest)request, cancellationToken);
            case A2aOperation.CreatePushConfig:
                return await _operations.CreatePushConfigAsync(call, (TaskPushNotificationConfig)request, cancellationToken);
            case A2aOperation.GetPushConfig:
                return await _operations.GetPushConfigAsync(call, (GetTaskPushNotificationConfigRequest)request, cancellationToken);
            case A2aOperation.ListPushConfigs:
                return await _operations.ListPushConfigsAsync(call, (ListTaskPushNotificationConfigsRequest)request, cancellationToken);
            case A2aOperation.DeletePushConfig:
                await _operations.DeletePushConfigAsync(call, (DeleteTaskPushNotificationConfigRequest)request, cancellationToken);
                return null;
            case A2aOperation.GetExtendedCard:
                return await _operations.GetExtendedCardAsync(call, (GetExtendedAgentCardRequest)request, cancellationToken);
            default:
                throw new ArgumentOutOfRangeException(nameof(operation));
        }
    }

    private static long? LastEventOf(HttpContext context)
    {
        var text = context.Request.Headers["Last-Event-ID"].ToString();
        return text.Length == 0 ? null
            : long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
            : throw new ParleyException(ErrorCode.InvalidArgument, "Last-Event-ID is the number of an event of this task.") { Field = "Last-Event-ID" };
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A translation between versions left out {Members}")]
    private partial void LogLost(string members);
}
