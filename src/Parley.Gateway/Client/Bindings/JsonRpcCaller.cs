using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.JsonRpc;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client.Bindings;

/// <summary>Calls of JSON-RPC 2.0 over HTTP.</summary>
internal sealed class JsonRpcCaller(A2aHttp http)
{
    private long _lastId;

    public A2aEndpoint Endpoint => http.Endpoint;

    public A2aClientOptions Options => http.Options;

    /// <summary>One call; the text of its result.</summary>
    public async Task<ReadOnlyMemory<byte>> CallAsync(string method, JsonDialect dialect, IMessage? parameters, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        var answer = await http.CallAsync(HttpMethod.Post, Endpoint.Url, Request(method, dialect, parameters), timeout ?? Options.CallTimeout, cancellationToken);
        return Result(answer);
    }

    /// <summary>One call that answers with a stream; the texts of its results with the ids of their events.</summary>
    public async IAsyncEnumerable<(ReadOnlyMemory<byte> Result, string? Id)> StreamAsync(
        string method, JsonDialect dialect, IMessage parameters, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = Request(method, dialect, parameters);
        await foreach (var item in http.StreamAsync(HttpMethod.Post, Endpoint.Url, request, lastEventId, answer => Encoding.UTF8.GetString(Checked(answer).Span), cancellationToken))
        {
            if (item.Data.Length > 0)
            {
                var reply = JsonRpcReply.Parse(Encoding.UTF8.GetBytes(item.Data), Options.Limits);
                yield return reply.Error is null ? (reply.Result, item.EventId) : throw reply.Error;
            }
        }
    }

    private ReadOnlyMemory<byte> Request(string method, JsonDialect dialect, IMessage? parameters)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WriteNumber("id", Interlocked.Increment(ref _lastId));
            writer.WriteString("method", method);
            if (parameters is not null)
            {
                writer.WritePropertyName("params");
                writer.WriteRawValue(dialect.ToBytes(parameters).Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private ReadOnlyMemory<byte> Result(HttpAnswer answer)
    {
        var reply = JsonRpcReply.Parse(Checked(answer), Options.Limits);
        return reply.Error is null ? reply.Result : throw reply.Error;
    }

    // An error of JSON-RPC comes with status 200, but some servers send it with another.
    private static ReadOnlyMemory<byte> Checked(HttpAnswer answer)
    {
        if (answer.IsSuccess)
        {
            return answer.IsJson ? answer.Body : throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's answer is not JSON: the address is perhaps not one of JSON-RPC.");
        }

        throw RemoteRefusal.OfRest(answer.Body, answer.Status, A2aOperation.GetExtendedCard);
    }
}
