using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Parley.Client.Responders.Http;
using Parley.Gateway.OpenAi;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.OpenAi;

/// <summary>The server of a model: <c>/chat/completions</c> of any OpenAI-compatible API.</summary>
internal sealed class ModelServer(OpenAiResponderOptions options) : IDisposable
{
    private const string EndOfStream = "[DONE]";
    private const int MaxErrorBytes = 64 * 1024;
    private readonly Uri _url = AddressOf(options.BaseUrl);
    private readonly HttpClient _client = ResponderHttp.Create(options.BaseUrl);
    private volatile bool _refusesStreamOptions;

    /// <summary>Asks; the chunks of the answer as they come, or the whole as one.</summary>
    /// <param name="request">Model, messages and tools; how it streams is decided here.</param>
    /// <param name="cancellationToken">Stops the answer.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/>: not reached, refused, or no chat completion.</exception>
    public async IAsyncEnumerable<ChatCompletion> AskAsync(ChatCompletionRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType == MediaTypeNames.Application.Json)
        {
            // A server that does not stream.
            yield return await WholeAsync(stream, cancellationToken);
            yield break;
        }

        await foreach (var item in SseReader.ReadAsync(stream, ResponderHttp.MaxResponseBytes, cancellationToken))
        {
            if (item.Data == EndOfStream)
            {
                yield break;
            }

            yield return Chunk(item.Data);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static Uri AddressOf(Uri baseUrl)
    {
        const string Suffix = "/chat/completions";
        var builder = new UriBuilder(baseUrl);
        var path = builder.Path.TrimEnd('/');
        builder.Path = path.EndsWith(Suffix, StringComparison.Ordinal) ? path : path + Suffix;
        return builder.Uri;
    }

    private async Task<HttpResponseMessage> SendAsync(ChatCompletionRequest request, CancellationToken cancellationToken)
    {
        var response = await PostAsync(request, _refusesStreamOptions, cancellationToken);
        if (!_refusesStreamOptions && response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            // Some servers refuse stream_options, which is younger than the rest.
            response.Dispose();
            response = await PostAsync(request, isPlain: true, cancellationToken);
            _refusesStreamOptions = response.IsSuccessStatusCode;
        }

        if (IsAboutContent(response.StatusCode) && request.Messages.Any(message => message.Content is { HasImages: true }))
        {
            // Many models read text alone, and their servers say so in many ways.
            response.Dispose();
            response = await PostAsync(request with { Messages = [.. request.Messages.Select(WithoutImages)] }, _refusesStreamOptions, cancellationToken);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusedAsync(response, cancellationToken);
        }
    }

    private static bool IsAboutContent(HttpStatusCode status) => status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType
        or HttpStatusCode.UnprocessableEntity or HttpStatusCode.InternalServerError or HttpStatusCode.NotImplemented;

    private static ChatMessage WithoutImages(ChatMessage message) => message.Content is { HasImages: true } content
        ? message with { Content = string.Concat(content.Parts.Select(part => part is ChatPart.Words words ? words.Text : "\n(The picture is not shown to you: this model's server did not take it.)")) }
        : message;

    private async Task<HttpResponseMessage> PostAsync(ChatCompletionRequest request, bool isPlain, CancellationToken cancellationToken)
    {
        var body = request with { Stream = true, StreamOptions = isPlain ? null : new StreamOptions(IncludeUsage: true) };
        using var post = new HttpRequestMessage(HttpMethod.Post, _url);
        post.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, OpenAiJson.Wire.ChatCompletionRequest));
        post.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        if (options.ApiKey is { Length: > 0 } key)
        {
            post.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            return await _client.SendAsync(post, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The model's server cannot be reached.", exception);
        }
    }

    // The sender learns the status and the kind; the server's own sentence may quote a key or the prompt and goes to nobody.
    private static async Task<ParleyException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string? kind = null;
        try
        {
            var stream = new LimitedStream(await response.Content.ReadAsStreamAsync(cancellationToken), MaxErrorBytes);
            kind = (await JsonSerializer.DeserializeAsync(stream, OpenAiJson.Default.OpenAiErrorBody, cancellationToken))?.Error?.Type;
        }
        catch (Exception exception) when (exception is JsonException or ParleyException or IOException)
        {
            // Not an OpenAI error: the status must do.
        }

        var known = kind is { Length: > 0 and < 60 } && kind.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.') ? $" ({kind})" : string.Empty;
        return new ParleyException(ErrorCode.ResponderFailed, $"The model's server answered {(int)response.StatusCode}{known}.");
    }

    private static async Task<ChatCompletion> WholeAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(new LimitedStream(stream, ResponderHttp.MaxResponseBytes), OpenAiJson.Default.ChatCompletion, cancellationToken) ?? throw BadChunk();
        }
        catch (JsonException)
        {
            throw BadChunk();
        }
    }

    private static ChatCompletion Chunk(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, OpenAiJson.Default.ChatCompletion) ?? throw BadChunk();
        }
        catch (JsonException)
        {
            throw BadChunk();
        }
    }

    private static ParleyException BadChunk() => new(ErrorCode.ResponderFailed, "The model's server sent something that is not a chat completion.");
}
