using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Protocol.Errors;
using Xunit;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Testing.A2a;

/// <summary>What clients of the HTTP bindings share: requests and answers of both versions, streams, and errors in bodies.</summary>
internal abstract class HttpTestClient(HttpClient http, A2aVersion version, JsonDialect dialect) : A2aTestClient
{
    private static readonly JsonLimits _limits = JsonLimits.Default;

    /// <inheritdoc/>
    public override A2aVersion Version => version;

    /// <summary>How it writes.</summary>
    protected JsonDialect Dialect => dialect;

    /// <inheritdoc/>
    public override async Task<IMessage?> CallAsync(A2aOperation operation, IMessage request, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(Request(operation, request), cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        ThrowIfRefused(response, text);
        return text.Length == 0 ? null : Read(operation, Content(text));
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<TaskEvent> StreamAsync(
        A2aOperation operation, IMessage request, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var asked = Request(operation, request);
        if (after is { } number)
        {
            asked.Headers.Add("Last-Event-ID", number.ToString());
        }

        using var response = await http.SendAsync(asked, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            ThrowIfRefused(response, await response.Content.ReadAsStringAsync(cancellationToken));
        }

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (RefusalOf(item.EventType, item.Data) is { } body)
            {
                throw Refused((int)response.StatusCode, body, item.Data, isEvent: true);
            }

            yield return new TaskEvent(long.Parse(item.EventId!), ReadEvent(Content(item.Data)));
        }
    }

    /// <summary>Makes the HTTP request.</summary>
    protected abstract HttpRequestMessage Request(A2aOperation operation, IMessage request);

    /// <summary>The part of an answer that is the message.</summary>
    protected abstract ReadOnlyMemory<byte> Content(string text);

    /// <summary>The object that says why a call was refused; null when it was not.</summary>
    protected abstract JsonElement? RefusalOf(string eventType, string text);

    /// <summary>Whether an HTTP answer is a refusal.</summary>
    protected abstract bool IsRefused(HttpResponseMessage response, string text);

    /// <summary>The body that says a request of 1.0 in the client's version.</summary>
    protected ReadOnlyMemory<byte> Write(IMessage request)
    {
        var losses = new Losses();
        IMessage message = (version, request) switch
        {
            (A2aVersion.V1, _) => request,
            (_, SendMessageRequest send) => RequestTranslation.ToV03(send, losses),
            (_, TaskPushNotificationConfig config) when dialect == JsonDialect.Kind => RequestTranslation.ToParams(config, losses),
            (_, TaskPushNotificationConfig config) => RequestTranslation.ToNamed(config, losses),
            _ => request,
        };
        return dialect.ToBytes(message);
    }

    private void ThrowIfRefused(HttpResponseMessage response, string text)
    {
        if (IsRefused(response, text))
        {
            throw Refused((int)response.StatusCode, RefusalOf(string.Empty, text) ?? default, text, isEvent: false, response);
        }
    }

    private static A2aRefused Refused(int status, JsonElement body, string text, bool isEvent, HttpResponseMessage? response = null)
    {
        var details = body.ValueKind != JsonValueKind.Object ? default
            : body.TryGetProperty("details", out var rest) ? rest : body.TryGetProperty("data", out var data) ? data : default;
        var reason = details.ValueKind == JsonValueKind.Array ? details[0].GetProperty("reason").GetString()! : string.Empty;
        var code = body.ValueKind == JsonValueKind.Object ? body.GetProperty("code").GetInt32() : (int?)null;
        return new A2aRefused(status, code, reason, text) { IsEvent = isEvent, Headers = response?.Headers };
    }

    private IMessage? Read(A2aOperation operation, ReadOnlyMemory<byte> json)
    {
        var losses = new Losses();
        return (version, AnswerOf(operation)) switch
        {
            (_, null) => null,
            (A2aVersion.V1, SendMessageResponse) => Parse<SendMessageResponse>(json),
            (A2aVersion.V1, V1.Task) => Parse<V1.Task>(json),
            (A2aVersion.V1, ListTasksResponse) => Parse<ListTasksResponse>(json),
            (A2aVersion.V1, TaskPushNotificationConfig) => Parse<TaskPushNotificationConfig>(json),
            (A2aVersion.V1, ListTaskPushNotificationConfigsResponse) => Parse<ListTaskPushNotificationConfigsResponse>(json),
            (A2aVersion.V1, AgentCard) => Parse<AgentCard>(json),
            (_, SendMessageResponse) => TaskTranslation.ToV1(Parse<V03.SendMessageResponse>(json), losses),
            (_, V1.Task) => TaskTranslation.ToV1(Parse<V03.Task>(json), losses),
            (_, ListTasksResponse) => ReadTasks(json, losses),
            (_, TaskPushNotificationConfig) => ReadConfig(json, losses),
            (_, ListTaskPushNotificationConfigsResponse) => ReadConfigs(json, losses),
            (_, AgentCard) => CardTranslation.ToV1(Parse<V03.AgentCard>(json), losses),
            var (_, other) => throw new InvalidOperationException(other.Descriptor.Name),
        };
    }

    private StreamResponse ReadEvent(ReadOnlyMemory<byte> json) =>
        version == A2aVersion.V1 ? Parse<StreamResponse>(json) : TaskTranslation.ToV1(Parse<V03.StreamResponse>(json), new Losses());

    private ListTasksResponse ReadTasks(ReadOnlyMemory<byte> json, Losses losses)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new ListTasksResponse
        {
            Tasks = { root.GetProperty("tasks").EnumerateArray().Select(task => TaskTranslation.ToV1(Parse<V03.Task>(Encoding.UTF8.GetBytes(task.GetRawText())), losses)) },
            NextPageToken = root.GetProperty("nextPageToken").GetString()!,
            PageSize = root.GetProperty("pageSize").GetInt32(),
            TotalSize = root.GetProperty("totalSize").GetInt32(),
        };
    }

    private TaskPushNotificationConfig ReadConfig(ReadOnlyMemory<byte> json, Losses losses)
    {
        if (dialect != JsonDialect.Kind)
        {
            return RequestTranslation.ToV1(Parse<V03.TaskPushNotificationConfig>(json), losses);
        }

        var named = Parse<V03.TaskPushNotificationConfigParams>(json);
        return RequestTranslation.ToV1(named.TaskId, named.PushNotificationConfig, losses);
    }

    private ListTaskPushNotificationConfigsResponse ReadConfigs(ReadOnlyMemory<byte> json, Losses losses)
    {
        if (dialect != JsonDialect.Kind)
        {
            return new() { Configs = { Parse<V03.ListTaskPushNotificationConfigResponse>(json).Configs.Select(config => RequestTranslation.ToV1(config, losses)) } };
        }

        using var document = JsonDocument.Parse(json);
        return new() { Configs = { document.RootElement.EnumerateArray().Select(one => ReadConfig(Encoding.UTF8.GetBytes(one.GetRawText()), losses)) } };
    }

    private T Parse<T>(ReadOnlyMemory<byte> json)
        where T : class, IMessage<T>, new() => dialect.Parse<T>(json.Span, _limits);
}
