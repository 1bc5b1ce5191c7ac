using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client.Bindings;

/// <summary>Calls of A2A's REST binding.</summary>
internal sealed class RestCaller(A2aHttp http)
{
    private const string ErrorEvent = "error";

    // Marks refusals that came without a word of A2A: the route is unknown, not the task.
    private const string WordlessKey = "wordless";

    public A2aEndpoint Endpoint => http.Endpoint;

    public A2aClientOptions Options => http.Options;

    /// <summary>One call; the answer's body, empty where it has none.</summary>
    public async Task<ReadOnlyMemory<byte>> CallAsync(
        A2aOperation operation, HttpMethod method, string path, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken, TimeSpan? timeout = null) =>
        Checked(operation, await http.CallAsync(method, At(path), body, timeout ?? Options.CallTimeout, cancellationToken));

    /// <summary>One call that answers with a stream; the texts of its events with their ids.</summary>
    public async IAsyncEnumerable<(ReadOnlyMemory<byte> Data, string? Id)> StreamAsync(
        A2aOperation operation, HttpMethod method, string path, ReadOnlyMemory<byte>? body, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in http.StreamAsync(method, At(path), body, lastEventId, answer => Encoding.UTF8.GetString(Checked(operation, answer).Span), cancellationToken))
        {
            if (item.Data.Length > 0)
            {
                var data = Encoding.UTF8.GetBytes(item.Data);
                yield return item.EventType == ErrorEvent ? throw RemoteRefusal.OfRest(data, 500, operation) : (data, item.EventId);
            }
        }
    }

    /// <summary>A subscription by one verb, and by the other where the server does not know the first: the specification's texts differ.</summary>
    public async IAsyncEnumerable<(ReadOnlyMemory<byte> Data, string? Id)> SubscribeAsync(
        HttpMethod first, HttpMethod second, string path, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isFirst = true;
        for (var method = first; ; method = second)
        {
            await using var events = StreamAsync(A2aOperation.SubscribeToTask, method, path, null, lastEventId, cancellationToken).GetAsyncEnumerator(cancellationToken);
            bool hasMore;
            try
            {
                hasMore = await events.MoveNextAsync();
            }
            catch (ParleyException refusal) when (isFirst && refusal.Data[WordlessKey] is true)
            {
                isFirst = false;
                continue;
            }

            for (; hasMore; hasMore = await events.MoveNextAsync())
            {
                yield return events.Current;
            }

            yield break;
        }
    }

    /// <summary>A message as a query: <c>?pageSize=5&amp;status=...</c>, without the members that the path holds.</summary>
    public static string Query(JsonDialect dialect, IMessage message, params string[] without)
    {
        using var document = JsonDocument.Parse(dialect.ToBytes(message));
        var pairs = document.RootElement.EnumerateObject().Where(member => !without.Contains(member.Name))
            .Select(member => $"{member.Name}={Uri.EscapeDataString(QueryText(member.Value))}");
        var query = string.Join('&', pairs);
        return query.Length == 0 ? string.Empty : "?" + query;
    }

    private static string QueryText(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private Uri At(string path) => new(Endpoint.Url.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);

    private static ReadOnlyMemory<byte> Checked(A2aOperation operation, HttpAnswer answer)
    {
        if (!answer.IsSuccess)
        {
            var refusal = RemoteRefusal.OfRest(answer.Body, answer.Status, operation);
            refusal.Data[WordlessKey] = answer.Status is 404 or 405 && !answer.IsJson;
            throw refusal;
        }

        return answer.Body.IsEmpty || answer.IsJson
            ? answer.Body
            : throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's answer is not JSON: the address is perhaps not one of A2A's REST.");
    }
}
