using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Parley.Gateway.A2a;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client.Bindings;

/// <summary>HTTP exchanges with one interface: headers, limits, failures as refusals. What the bodies mean is the bindings' business.</summary>
internal sealed class A2aHttp(HttpMessageInvoker invoker, A2aEndpoint endpoint, A2aClientOptions options)
{
    private const string EventStream = "text/event-stream";
    private const string Json = "application/json";

    /// <summary>JSON of A2A 1.0's REST.</summary>
    public const string A2aJson = "application/a2a+json";

    public A2aEndpoint Endpoint => endpoint;

    public A2aClientOptions Options => options;

    /// <summary>One request, one answer read to its end, whatever its status; a redirect is refused.</summary>
    /// <param name="method">The verb.</param>
    /// <param name="url">Where.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="timeout">For all of it.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<HttpAnswer> CallAsync(HttpMethod method, Uri url, ReadOnlyMemory<byte>? body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = await MakeAsync(method, url, body, isStream: false, both.Token);
            using var response = await SendAsync(request, both.Token);
            return await ReadAsync(response, both.Token);
        }
        catch (Exception exception) when (Failures.Explain(exception, deadline.IsCancellationRequested, cancellationToken) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>One request whose answer is a stream of events, or, before one began, an answer of another kind, which <paramref name="onAnswer"/> turns into data of one event or refuses.</summary>
    public async IAsyncEnumerable<SseItem<string>> StreamAsync(
        HttpMethod method, Uri url, ReadOnlyMemory<byte>? body, string? lastEventId, Func<HttpAnswer, string> onAnswer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var whole = new CancellationTokenSource(options.StreamTimeout, options.Time);
        using var silence = new CancellationTokenSource(options.StreamIdleTimeout, options.Time);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, whole.Token, silence.Token);
        using var request = await MakeAsync(method, url, body, isStream: true, all.Token);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        await using var events = EventsAsync(request, () => silence.CancelAfter(options.StreamIdleTimeout), onAnswer, all.Token).GetAsyncEnumerator(all.Token);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync())
                {
                    break;
                }
            }
            catch (Exception exception) when (Failures.Explain(exception, whole.IsCancellationRequested || silence.IsCancellationRequested, cancellationToken) is { } refusal)
            {
                throw refusal;
            }

            yield return events.Current;
        }
    }

    private static string MediaTypeOf(HttpResponseMessage response) => (response.Content.Headers.ContentType?.MediaType ?? string.Empty).ToLowerInvariant();

    private async IAsyncEnumerable<SseItem<string>> EventsAsync(
        HttpRequestMessage request, Action onRead, Func<HttpAnswer, string> onAnswer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode || MediaTypeOf(response) != EventStream)
        {
            yield return new SseItem<string>(onAnswer(await ReadAsync(response, cancellationToken)));
            yield break;
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var limited = new LimitedStream(stream, options.MaxStreamBytes, options.MaxEventBytes, onRead);
        await foreach (var item in SseReader.ReadAsync(limited, cancellationToken))
        {
            yield return item;
        }
    }

    private async Task<HttpRequestMessage> MakeAsync(HttpMethod method, Uri url, ReadOnlyMemory<byte>? body, bool isStream, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.TryAddWithoutValidation("Accept", isStream ? $"{EventStream}, {Json};q=0.9" : $"{A2aJson}, {Json}");
        request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        foreach (var (name, value) in await CallHeaders.MakeAsync(endpoint, options, url, cancellationToken))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is { } json)
        {
            request.Content = new ReadOnlyMemoryContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(endpoint is { Binding: A2aBinding.HttpJson, Version: A2aVersion.V1 } ? A2aJson : Json);
        }

        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = invoker is HttpClient client
            ? await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : await invoker.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode is < 300 or >= 400)
        {
            return response;
        }

        response.Dispose();
        throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's address redirects elsewhere, which is not followed: use the address that it redirects to.");
    }

    private async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        await using (var stream = await response.Content.ReadAsStreamAsync(cancellationToken))
        {
            await new LimitedStream(stream, options.Limits.MaxBytes).CopyToAsync(body, cancellationToken);
        }

        return new HttpAnswer((int)response.StatusCode, MediaTypeOf(response), body.GetBuffer().AsMemory(0, (int)body.Length));
    }
}
