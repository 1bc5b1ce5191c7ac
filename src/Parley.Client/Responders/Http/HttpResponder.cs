using System.Net.Http.Headers;
using System.Net.Mime;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Parley.Client.Responders.Events;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Http;

/// <summary>Posts each message to a server as JSON and takes the answer from the response: docs/protocol/responder-events.md.</summary>
public sealed class HttpResponder : IResponder, IDisposable
{
    private const string EventStream = "text/event-stream";
    private const string EndOfStream = "[DONE]";
    private readonly HttpResponderOptions _options;
    private readonly HttpClient _client;

    /// <summary>Sets up the responder; nothing is sent before the first message.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for an address that is not http or https.</exception>
    public HttpResponder(HttpResponderOptions options)
    {
        if (!options.Url.IsAbsoluteUri || options.Url.Scheme is not ("http" or "https"))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A responder's address begins with http:// or https://.");
        }

        _options = options;
        _client = ResponderHttp.Create(options.Url);
    }

    /// <inheritdoc/>
    public ResponderTraits Traits => ResponderTraits.None;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, _options.Url);
        post.Content = new ReadOnlyMemoryContent(RequestJson.ForServer(request));
        post.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        post.Headers.Accept.ParseAdd($"{EventStream}, {MediaTypeNames.Application.Json}, text/*;q=0.9, */*;q=0.5");
        if (_options.BearerToken is { } token)
        {
            post.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var response = await SendAsync(post, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, $"The responder's server answered {(int)response.StatusCode}.");
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var events = response.Content.Headers.ContentType?.MediaType == EventStream
            ? ReadStreamAsync(stream, cancellationToken)
            : ReadWholeAsync(stream, response.Content.Headers, cancellationToken);
        await foreach (var responderEvent in events)
        {
            yield return responderEvent;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage post, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(post, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The responder's server cannot be reached.", exception);
        }
    }

    // Each event carries one line of the events protocol.
    private static async IAsyncEnumerable<ResponderEvent> ReadStreamAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0;
        await foreach (var item in SseReader.ReadAsync(stream, ResponderHttp.MaxResponseBytes, cancellationToken))
        {
            if (item.Data == EndOfStream)
            {
                yield break;
            }

            if (item.Data.Length > 0 && EventLine.Read(Encoding.UTF8.GetBytes(item.Data), ++number) is { } responderEvent)
            {
                yield return responderEvent;
            }
        }
    }

    private static async IAsyncEnumerable<ResponderEvent> ReadWholeAsync(Stream stream, HttpContentHeaders headers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await new LimitedStream(stream, ResponderHttp.MaxResponseBytes).CopyToAsync(whole, cancellationToken);
        var body = whole.ToArray();
        var mediaType = headers.ContentType?.MediaType;
        if (mediaType == MediaTypeNames.Application.Json)
        {
            foreach (var responderEvent in JsonAnswer.Read(body))
            {
                yield return responderEvent;
            }
        }
        else if ((mediaType is null || mediaType.StartsWith("text/", StringComparison.Ordinal)) && Utf8.IsValid(body))
        {
            yield return new ResponderEvent.Text(Encoding.UTF8.GetString(body), IsDelta: false);
        }
        else if (body.Length > 0)
        {
            var name = headers.ContentDisposition?.FileNameStar ?? headers.ContentDisposition?.FileName?.Trim('"') ?? "answer";
            yield return new ResponderEvent.ArtifactProduced(name, mediaType, new Body(body));
        }
    }
}
