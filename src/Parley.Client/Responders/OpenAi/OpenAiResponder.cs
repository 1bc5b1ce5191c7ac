using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Parley.Client.Responders.Http;
using Parley.Gateway.OpenAi;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.OpenAi;

/// <summary>Lets a model behind any OpenAI-compatible <c>/chat/completions</c> answer, streamed, with the history of the thread.</summary>
public sealed class OpenAiResponder : IResponder, IDisposable
{
    private const string EndOfStream = "[DONE]";
    private const int MaxErrorBytes = 64 * 1024;
    private readonly OpenAiResponderOptions _options;
    private readonly Uri _url;
    private readonly HttpClient _client;
    private readonly ThreadHistory _history;

    /// <summary>Sets up the responder; nothing is sent before the first message.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for an address that is not http or https, or an empty model name.</exception>
    public OpenAiResponder(OpenAiResponderOptions options, TimeProvider clock)
    {
        if (!options.BaseUrl.IsAbsoluteUri || options.BaseUrl.Scheme is not ("http" or "https"))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The address of an OpenAI-compatible server begins with http:// or https://.");
        }

        if (string.IsNullOrWhiteSpace(options.Model))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Name the model with --model.");
        }

        _options = options;
        _url = AddressOf(options.BaseUrl);
        _client = ResponderHttp.Create(_url);
        _history = new ThreadHistory(options.History, clock);
    }

    /// <inheritdoc/>
    public ResponderTraits Traits => ResponderTraits.None;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var question = Prompt.Question(request);
        var earlier = request.History ?? _history.Of(request.From, request.Thread);
        ChatMessage[] messages = [Prompt.System(_options.SystemPrompt), .. earlier.Select(Prompt.Turn), new ChatMessage("user", question)];
        using var response = await AskAsync(messages, cancellationToken);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var answer = new StringBuilder();
        ChatUsage? usage = null;
        string? model = null;
        await foreach (var chunk in ReadAsync(stream, response.Content.Headers.ContentType?.MediaType, cancellationToken))
        {
            if (chunk.Error is not null)
            {
                yield return new ResponderEvent.Failed(ErrorCode.ResponderFailed, "The model's server reported an error in the middle of its answer.");
                yield break;
            }

            usage = chunk.Usage ?? usage;
            model = chunk.Model ?? model;
            var choice = chunk.Choices is { Count: > 0 } choices ? choices[0] : null;
            if ((choice?.Delta ?? choice?.Message)?.Content is { Length: > 0 } piece)
            {
                answer.Append(piece);
                yield return new ResponderEvent.Text(piece, IsDelta: true);
            }

            if (choice?.FinishReason is "length")
            {
                yield return new ResponderEvent.LeftOut("the model reached its length limit");
            }
            else if (choice?.FinishReason is "content_filter")
            {
                yield return new ResponderEvent.Status(ResponderState.Rejected);
            }
        }

        if (request.History is null && answer.Length > 0)
        {
            _history.Add(request.From, request.Thread, question, answer.ToString());
        }

        yield return new ResponderEvent.Usage(model ?? _options.Model, usage?.TotalTokens, usage?.PromptTokens, usage?.CompletionTokens);
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

    private async Task<HttpResponseMessage> AskAsync(ChatMessage[] messages, CancellationToken cancellationToken)
    {
        var response = await PostAsync(messages, new StreamOptions(IncludeUsage: true), cancellationToken);
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            // Some servers refuse stream_options, which is younger than the rest.
            response.Dispose();
            response = await PostAsync(messages, streamOptions: null, cancellationToken);
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

    private async Task<HttpResponseMessage> PostAsync(ChatMessage[] messages, StreamOptions? streamOptions, CancellationToken cancellationToken)
    {
        var body = new ChatCompletionRequest(_options.Model, messages, Stream: true, streamOptions);
        using var post = new HttpRequestMessage(HttpMethod.Post, _url);
        post.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, OpenAiJson.Wire.ChatCompletionRequest));
        post.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        if (_options.ApiKey is { Length: > 0 } key)
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

    private static async IAsyncEnumerable<ChatCompletion> ReadAsync(Stream stream, string? mediaType, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (mediaType == MediaTypeNames.Application.Json)
        {
            // A server that does not stream.
            var limited = new LimitedStream(stream, ResponderHttp.MaxResponseBytes);
            yield return await JsonSerializer.DeserializeAsync(limited, OpenAiJson.Default.ChatCompletion, cancellationToken) ?? throw BadChunk();
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
