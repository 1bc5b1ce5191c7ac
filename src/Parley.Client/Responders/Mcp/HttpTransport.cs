using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using Parley.Client.Responders.Http;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Mcp;

/// <summary>An MCP server at an address: the transport "streamable HTTP".</summary>
/// <remarks>Each message is a POST, answered with JSON or with a stream of events. One GET beside it brings what the server tells by itself, where it offers that.</remarks>
internal sealed class HttpTransport : IMcpTransport
{
    private const string EventStream = "text/event-stream";
    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan _listenAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(2);

    private readonly McpServerEntry _entry;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _closing = new();
    private Action<ReadOnlyMemory<byte>> _onMessage = _ => { };
    private Action _onEnd = () => { };
    private Task _listening = Task.CompletedTask;
    private volatile string? _session;
    private volatile string? _version;

    /// <summary>Sends nothing yet.</summary>
    public HttpTransport(McpServerEntry entry, TimeProvider clock)
    {
        _entry = entry;
        _clock = clock;
        _client = ResponderHttp.Create(entry.Url!);
    }

    /// <inheritdoc/>
    public bool AnswersWithinSend => true;

    /// <inheritdoc/>
    public void Start(Action<ReadOnlyMemory<byte>> onMessage, Action onEnd) => (_onMessage, _onEnd) = (onMessage, onEnd);

    /// <inheritdoc/>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        using var post = Request(HttpMethod.Post, $"{MediaTypeNames.Application.Json}, {EventStream}");
        post.Content = new ReadOnlyMemoryContent(message);
        post.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        try
        {
            using var response = await _client.SendAsync(post, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            Check(response);
            if (response.Headers.TryGetValues(SessionHeader, out var session))
            {
                _session = session.First();
            }

            await ReadAsync(response, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The MCP server cannot be reached.", exception);
        }
    }

    /// <inheritdoc/>
    public void Agree(string version)
    {
        _version = version;
        _listening = Task.Run(ListenAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _listening;
        await SayGoodbyeAsync();
        _client.Dispose();
        _closing.Dispose();
    }

    private HttpRequestMessage Request(HttpMethod method, string accept)
    {
        var request = new HttpRequestMessage(method, _entry.Url);
        request.Headers.Accept.ParseAdd(accept);
        foreach (var (name, value) in _entry.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_session is { } session)
        {
            request.Headers.TryAddWithoutValidation(SessionHeader, session);
        }

        if (_version is { } version)
        {
            request.Headers.TryAddWithoutValidation(VersionHeader, version);
        }

        return request;
    }

    private void Check(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        if (response.StatusCode == HttpStatusCode.NotFound && _session is not null)
        {
            // The server forgot the session, as after a restart: a new one begins.
            _onEnd();
            throw new ParleyException(ErrorCode.ResponderFailed, "The MCP server has begun anew.");
        }

        throw new ParleyException(ErrorCode.ResponderFailed, $"The MCP server answered {(int)response.StatusCode}.");
    }

    private async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType == EventStream)
        {
            await ReadEventsAsync(stream, cancellationToken);
            return;
        }

        using var whole = new MemoryStream();
        await new LimitedStream(stream, MaxAnswerBytes).CopyToAsync(whole, cancellationToken);
        if (whole.Length > 0 && response.Content.Headers.ContentType?.MediaType == MediaTypeNames.Application.Json)
        {
            _onMessage(whole.ToArray());
        }
    }

    private async Task ReadEventsAsync(Stream stream, CancellationToken cancellationToken)
    {
        await foreach (var item in SseReader.ReadAsync(stream, MaxAnswerBytes, cancellationToken))
        {
            if (item.Data.Length > 0)
            {
                _onMessage(Encoding.UTF8.GetBytes(item.Data));
            }
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                using var get = Request(HttpMethod.Get, EventStream);
                using (var response = await _client.SendAsync(get, HttpCompletionOption.ResponseHeadersRead, _closing.Token))
                {
                    if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != EventStream)
                    {
                        // It has no such stream, as most have not.
                        return;
                    }

                    await ReadEventsAsync(await response.Content.ReadAsStreamAsync(_closing.Token), _closing.Token);
                }

                await Task.Delay(_listenAgain, _clock, _closing.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException or ParleyException)
        {
            // Without it, changes of the list of tools are noticed with the next session.
        }
    }

    private async Task SayGoodbyeAsync()
    {
        if (_session is null)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(_goodbye, _clock);
        try
        {
            using var delete = Request(HttpMethod.Delete, "*/*");
            using var response = await _client.SendAsync(delete, timeout.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            // It forgets the session by itself some time.
        }
    }
}
