using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Protocol.Wire.Rpc;
using Xunit;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Testing.A2a;

/// <summary>gRPC of either version, by our own client. The agent is the tenant in 1.0, and named by metadata in 0.3.</summary>
/// <param name="hub">The hub's gRPC address.</param>
/// <param name="key">The key; empty for none.</param>
/// <param name="version">The version.</param>
/// <param name="agent">The agent that is meant.</param>
internal sealed class GrpcTestClient(Uri hub, string key, A2aVersion version, string agent) : A2aTestClient
{
    /// <inheritdoc/>
    public override A2aVersion Version => version;

    /// <summary>Metadata that goes with every call.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The caller's time limit.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The clock that the limit runs on.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    private GrpcChannel Channel => field ??= new GrpcChannel(new HttpMessageInvoker(GrpcHttpHandler.Create()), hub, new GrpcChannelOptions { TimeProvider = Time });

    /// <inheritdoc/>
    public override bool Knows(A2aOperation operation) => version == A2aVersion.V1 || operation != A2aOperation.ListTasks;

    /// <inheritdoc/>
    public override async Task<IMessage?> CallAsync(A2aOperation operation, IMessage request, CancellationToken cancellationToken)
    {
        IMessage? answer = null;
        await foreach (var (_, one) in RunAsync(operation, request, null, cancellationToken))
        {
            answer = one;
        }

        return answer is Empty ? null : answer;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<TaskEvent> StreamAsync(A2aOperation operation, IMessage request, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var (first, one) in RunAsync(operation, request, after, cancellationToken))
        {
            yield return new TaskEvent(first + count++, (StreamResponse)one);
        }
    }

    /// <inheritdoc/>
    public override void AssertRefused(ErrorCode expected, A2aRefused seen)
    {
        Assert.Equal((int)A2aErrorRow.Of(expected).Grpc, seen.Status);
        Assert.Equal(A2aErrorRow.Of(expected).Reason, seen.Reason);
    }

    private async IAsyncEnumerable<(long First, IMessage Message)> RunAsync(A2aOperation operation, IMessage request, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var content = new GrpcMessageContent(version == A2aVersion.V1 ? Named(request) : Old(request), Channel.Options.MaxSendBytes);
        await using var call = new GrpcClientCall(Channel, PathOf(operation), content, Options(after), cancellationToken);
        var hasBegun = false;
        while (true)
        {
            IMessage? message;
            try
            {
                if (!TryRead(call, operation, out message))
                {
                    if (!await call.WaitToReadAsync(CancellationToken.None))
                    {
                        yield break;
                    }

                    continue;
                }
            }
            catch (GrpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw Refused(exception, hasBegun);
            }
            catch (GrpcException exception)
            {
                throw new OperationCanceledException(exception.Message, exception, cancellationToken);
            }

            hasBegun = true;
            var first = call.Headers.Get("parley-first-event") is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
            yield return (first, message!);
        }
    }

    private static A2aRefused Refused(GrpcException exception, bool isEvent)
    {
        var reason = string.Empty;
        if (!exception.Status.Details.IsEmpty)
        {
            reason = Status.Parser.ParseFrom(exception.Status.Details.Span).Details.Where(one => one.Is(ErrorInfo.Descriptor)).Select(one => one.Unpack<ErrorInfo>().Reason).FirstOrDefault() ?? string.Empty;
        }

        return new A2aRefused((int)exception.Status.Code, null, reason, exception.Status.ToString()) { IsEvent = isEvent };
    }

    private GrpcCallOptions Options(long? after)
    {
        var options = new GrpcCallOptions { Timeout = Limit };
        if (key.Length > 0)
        {
            options.Headers.Add("authorization", $"Bearer {key}");
        }

        if (version == A2aVersion.V1)
        {
            options.Headers.Add(A2aNegotiation.VersionMetadata, "1.0");
        }
        else if (agent.Length > 0)
        {
            options.Headers.Add("parley-agent", agent);
        }

        if (after is { } number)
        {
            options.Headers.Add("last-event-id", number.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var (name, value) in Metadata)
        {
            options.Headers.Add(name, value);
        }

        return options;
    }

    private string PathOf(A2aOperation operation)
    {
        var name = A2aMethods.All.Single(row => row.Operation == operation).V1;
        return version == A2aVersion.V1 ? $"/{A2aMethods.V1Service}/{name}" : $"/{A2aMethods.V03Service}/" + operation switch
        {
            A2aOperation.SubscribeToTask => "TaskSubscription",
            A2aOperation.ListPushConfigs => "ListTaskPushNotificationConfig",
            A2aOperation.GetExtendedCard => "GetAgentCard",
            _ => name,
        };
    }

    private IMessage Named(IMessage request)
    {
        if (agent.Length == 0)
        {
            return request;
        }

        var copy = request.Descriptor.Parser.ParseFrom(request.ToByteString());
        copy.Descriptor.FindFieldByName("tenant").Accessor.SetValue(copy, agent);
        return copy;
    }

    private static IMessage Old(IMessage request) => request switch
    {
        SendMessageRequest send => RequestTranslation.ToV03(send, new Losses()),
        GetTaskRequest { HasHistoryLength: true } get => new V03.GetTaskRequest { Name = ResourceName.OfTask(get.Id), HistoryLength = get.HistoryLength },
        GetTaskRequest get => new V03.GetTaskRequest { Name = ResourceName.OfTask(get.Id) },
        CancelTaskRequest cancel => new V03.CancelTaskRequest { Name = ResourceName.OfTask(cancel.Id) },
        SubscribeToTaskRequest subscribe => new V03.TaskSubscriptionRequest { Name = ResourceName.OfTask(subscribe.Id) },
        TaskPushNotificationConfig config => new V03.CreateTaskPushNotificationConfigRequest
        {
            Parent = ResourceName.OfTask(config.TaskId), ConfigId = config.Id, Config = RequestTranslation.ToNamed(config, new Losses()),
        },
        GetTaskPushNotificationConfigRequest get => new V03.GetTaskPushNotificationConfigRequest { Name = ResourceName.OfConfig(get.TaskId, get.Id) },
        DeleteTaskPushNotificationConfigRequest delete => new V03.DeleteTaskPushNotificationConfigRequest { Name = ResourceName.OfConfig(delete.TaskId, delete.Id) },
        ListTaskPushNotificationConfigsRequest list => new V03.ListTaskPushNotificationConfigRequest { Parent = ResourceName.OfTask(list.TaskId) },
        GetExtendedAgentCardRequest => new V03.GetAgentCardRequest(),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    private bool TryRead(GrpcClientCall call, A2aOperation operation, out IMessage? message)
    {
        message = (version, operation) switch
        {
            (A2aVersion.V1, A2aOperation.SendMessage) => Read<SendMessageResponse>(call),
            (A2aVersion.V1, A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask) => Read<StreamResponse>(call),
            (A2aVersion.V1, A2aOperation.GetTask or A2aOperation.CancelTask) => Read<V1.Task>(call),
            (A2aVersion.V1, A2aOperation.ListTasks) => Read<ListTasksResponse>(call),
            (A2aVersion.V1, A2aOperation.CreatePushConfig or A2aOperation.GetPushConfig) => Read<TaskPushNotificationConfig>(call),
            (A2aVersion.V1, A2aOperation.ListPushConfigs) => Read<ListTaskPushNotificationConfigsResponse>(call),
            (A2aVersion.V1, A2aOperation.GetExtendedCard) => Read<AgentCard>(call),
            (_, A2aOperation.SendMessage) => Read<V03.SendMessageResponse>(call) is { } response ? TaskTranslation.ToV1(response, new Losses()) : null,
            (_, A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask) => Read<V03.StreamResponse>(call) is { } response ? TaskTranslation.ToV1(response, new Losses()) : null,
            (_, A2aOperation.GetTask or A2aOperation.CancelTask) => Read<V03.Task>(call) is { } task ? TaskTranslation.ToV1(task, new Losses()) : null,
            (_, A2aOperation.CreatePushConfig or A2aOperation.GetPushConfig) =>
                Read<V03.TaskPushNotificationConfig>(call) is { } config ? RequestTranslation.ToV1(config, new Losses()) : null,
            (_, A2aOperation.ListPushConfigs) => Read<V03.ListTaskPushNotificationConfigResponse>(call) is { } list
                ? new ListTaskPushNotificationConfigsResponse { Configs = { list.Configs.Select(one => RequestTranslation.ToV1(one, new Losses())) }, NextPageToken = list.NextPageToken }
                : null,
            (_, A2aOperation.GetExtendedCard) => Read<V03.AgentCard>(call) is { } card ? CardTranslation.ToV1(card, new Losses()) : null,
            _ => Read<Empty>(call),
        };
        return message is not null;
    }

    private static T? Read<T>(GrpcClientCall call)
        where T : class, IMessage<T>, new() => call.TryRead<T>(out var message) ? message : null;
}
