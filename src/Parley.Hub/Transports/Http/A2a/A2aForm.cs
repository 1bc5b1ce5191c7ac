using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>One version's JSON of requests and answers. Operations speak 1.0; what another version cannot say is noted in <see cref="Losses"/>.</summary>
internal sealed class A2aForm
{
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly JsonDialect _dialect;

    private A2aForm(A2aVersion version, JsonDialect dialect) => (Version, _dialect) = (version, dialect);

    /// <summary>1.0.</summary>
    public static A2aForm V1 { get; } = new(A2aVersion.V1, JsonDialect.V1);

    /// <summary>0.3 with <c>kind</c>: JSON-RPC, and REST for those who write it so.</summary>
    public static A2aForm Kind { get; } = new(A2aVersion.V03, JsonDialect.Kind);

    /// <summary>0.3 as ProtoJSON: REST.</summary>
    public static A2aForm Proto03 { get; } = new(A2aVersion.V03, JsonDialect.V03);

    /// <summary>The version.</summary>
    public A2aVersion Version { get; }

    /// <summary>Reads a send.</summary>
    public SendMessageRequest ReadSend(ReadOnlySpan<byte> json, Losses losses) => Version == A2aVersion.V1
        ? Read<SendMessageRequest>(json)
        : RequestTranslation.ToV1(_dialect.Parse<V03.SendMessageRequest>(json, JsonLimits.Default), losses);

    /// <summary>Reads a push config that is to be made.</summary>
    public TaskPushNotificationConfig ReadPushConfig(ReadOnlySpan<byte> json, Losses losses)
    {
        if (Version == A2aVersion.V1)
        {
            return Read<TaskPushNotificationConfig>(json);
        }

        if (this == Kind)
        {
            var named = _dialect.Parse<V03.TaskPushNotificationConfigParams>(json, JsonLimits.Default);
            return RequestTranslation.ToV1(named.TaskId, named.PushNotificationConfig ?? new V03.PushNotificationConfig(), losses);
        }

        // Some send the request of gRPC, with the config inside; the path names the task in any case.
        var request = _dialect.Parse<V03.CreateTaskPushNotificationConfigRequest>(json, JsonLimits.Default);
        var config = request.Config ?? _dialect.Parse<V03.TaskPushNotificationConfig>(json, JsonLimits.Default);
        var result = config.Name.Length > 0
            ? RequestTranslation.ToV1(config, losses)
            : RequestTranslation.ToV1(string.Empty, config.PushNotificationConfig ?? new V03.PushNotificationConfig(), losses);
        result.Id = result.Id.Length > 0 ? result.Id : request.ConfigId;
        return result;
    }

    /// <summary>Reads a request that names things: 0.3's are 1.0's with other names.</summary>
    public T Read<T>(ReadOnlySpan<byte> json)
        where T : class, IMessage<T>, new() => _dialect.Parse<T>(json, JsonLimits.Default);

    /// <summary>Sets fields of a request of 1.0 from the query of a URL.</summary>
    public void ReadQuery(IMessage request, IEnumerable<KeyValuePair<string, string>> query) => (Version == A2aVersion.V1 ? JsonDialect.V1 : JsonDialect.Kind).ReadQuery(request, query);

    /// <summary>An answer of 1.0 as text.</summary>
    public ReadOnlyMemory<byte> ToBytes(IMessage answer, Losses losses)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            Write(writer, answer, losses);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Writes an answer of 1.0 where the writer stands.</summary>
    public void Write(Utf8JsonWriter writer, IMessage answer, Losses losses)
    {
        switch (Version == A2aVersion.V1 ? null : answer)
        {
            case SendMessageResponse response:
                _dialect.Write(writer, TaskTranslation.ToV03(response, losses));
                break;
            case StreamResponse response:
                _dialect.Write(writer, TaskTranslation.ToV03(response, losses));
                break;
            case V1.Task task:
                _dialect.Write(writer, TaskTranslation.ToV03(task, losses));
                break;
            case ListTasksResponse list:
                WriteTasks(writer, list, losses);
                break;
            case TaskPushNotificationConfig config:
                _dialect.Write(writer, ToV03(config, losses));
                break;
            case ListTaskPushNotificationConfigsResponse list:
                WriteConfigs(writer, list, losses);
                break;
            case AgentCard card:
                _dialect.Write(writer, CardTranslation.ToV03(card, losses));
                break;
            default:
                _dialect.Write(writer, answer);
                break;
        }
    }

    private IMessage ToV03(TaskPushNotificationConfig config, Losses losses) =>
        this == Kind ? RequestTranslation.ToParams(config, losses) : RequestTranslation.ToNamed(config, losses);

    // 0.3 has the operation on its other bindings only, and names no type for the answer.
    private void WriteTasks(Utf8JsonWriter writer, ListTasksResponse list, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("tasks");
        foreach (var task in list.Tasks)
        {
            _dialect.Write(writer, TaskTranslation.ToV03(task, losses));
        }

        writer.WriteEndArray();
        writer.WriteString("nextPageToken", list.NextPageToken);
        writer.WriteNumber("pageSize", list.PageSize);
        writer.WriteNumber("totalSize", list.TotalSize);
        writer.WriteEndObject();
    }

    private void WriteConfigs(Utf8JsonWriter writer, ListTaskPushNotificationConfigsResponse list, Losses losses)
    {
        if (this == Proto03)
        {
            _dialect.Write(writer, new V03.ListTaskPushNotificationConfigResponse
            {
                Configs = { list.Configs.Select(config => RequestTranslation.ToNamed(config, losses)) },
                NextPageToken = list.NextPageToken,
            });
            return;
        }

        writer.WriteStartArray();
        foreach (var config in list.Configs)
        {
            _dialect.Write(writer, ToV03(config, losses));
        }

        writer.WriteEndArray();
    }
}
