using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.PeerApi.Serving;
using Parley.Crypto.Tls;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.PeerApi.Asking;

/// <summary>Asks one peer. Nothing is sent before its certificate was compared with the pin, and nothing is sent twice.</summary>
public sealed class PeerClient : IDisposable
{
    /// <summary>Largest answer that is read. <value>Default 8 MiB.</value></summary>
    public const int MaxAnswerBytes = 8 * 1024 * 1024;

    private const int MaxErrorLength = 200;
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(10);
    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PeerDirectory _self;
    private readonly PeerEntry _peer;
    private readonly TimeProvider _timeProvider;
    private readonly FillRandom _fill;
    private readonly TlsContext _context;
    private readonly HttpClient _http;

    /// <summary>Makes a client for one peer.</summary>
    public PeerClient(PeerDirectory self, PeerEntry peer, TimeProvider timeProvider, FillRandom fill)
    {
        (_self, _peer, _timeProvider, _fill) = (self, peer, timeProvider, fill);
        _context = TlsContext.ForClient(new TlsClientOptions { Pins = [peer.Pin], TimeProvider = timeProvider });
        _http = new HttpClient(new PinnedHttpHandler(_context, _connectTimeout)) { Timeout = Timeout.InfiniteTimeSpan, BaseAddress = peer.Address };
    }

    /// <summary>Asks a question.</summary>
    /// <param name="message">The question.</param>
    /// <param name="hops">The hop budget; one that is spent is not sent.</param>
    /// <param name="session">The conversation; null for the peer's usual one with us.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Stops waiting; the peer goes on.</param>
    public Task<PeerReply> AskAsync(string message, int hops, string? session, TimeSpan timeout, CancellationToken cancellationToken) => hops <= 0
        ? Task.FromResult(new PeerReply(PeerOutcome.HopExceeded, "Hop limit reached: agents ask each other in a circle."))
        : SendAsync(new PeerRequestHead("POST", "/v1/chat/completions") { Session = session }, hops, Question(message), ContentOf, timeout, cancellationToken);

    /// <summary>Reads the peer's card, which proves both sides to each other without a question.</summary>
    public Task<PeerReply> ReadCardAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        SendAsync(new PeerRequestHead("GET", "/v1/agent-card"), 1, [], static root => root.GetRawText(), timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _context.Dispose();
    }

    private async Task<PeerReply> SendAsync(
        PeerRequestHead head, int hops, byte[] body, Func<JsonElement, string> read, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var proved = PeerProof.Sign(_self, _peer, head, hops, body, _timeProvider.GetUtcNow(), _fill);
        using var limit = new CancellationTokenSource(timeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = RequestOf(proved, body);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            using var limited = new LimitedStream(await response.Content.ReadAsStreamAsync(either.Token), MaxAnswerBytes);
            using var content = new MemoryStream();
            await limited.CopyToAsync(content, either.Token);
            return ReplyOf((int)response.StatusCode, response.Headers.RetryAfter?.Delta, content.ToArray(), read);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new PeerReply(PeerOutcome.Timeout, $"Peer '{_peer.Host}:{_peer.Port}' timed out ({timeout.TotalMilliseconds:0}ms)");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PeerReply(PeerOutcome.Unreachable, "Peer unreachable: it takes no connection");
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.MessageTooLarge)
        {
            return new PeerReply(PeerOutcome.PeerError, exception.Message);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            var fault = exception as TlsException ?? exception.InnerException as TlsException;
            var outcome = fault?.Fault == TlsFault.PinMismatch ? PeerOutcome.PinMismatch : PeerOutcome.Unreachable;
            return new PeerReply(outcome, $"Peer unreachable: {fault?.Message ?? exception.Message}");
        }
    }

    private static HttpRequestMessage RequestOf(PeerRequestHead head, byte[] body)
    {
        var request = new HttpRequestMessage(new HttpMethod(head.Method), head.Target);
        request.Headers.TryAddWithoutValidation("Authorization", head.Authorization);
        Add(request, PeerRequestHead.ProofHeader, head.Proof);
        Add(request, PeerRequestHead.HopsHeader, head.Hops);
        Add(request, PeerRequestHead.SessionHeader, head.Session);
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static byte[] Question(string message)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, _json))
        {
            json.WriteStartObject();
            json.WriteString("model", "default");
            json.WriteStartArray("messages");
            json.WriteStartObject();
            json.WriteString("role", "user");
            json.WriteString("content", message);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>What a response says.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="retryAfter">Its Retry-After.</param>
    /// <param name="body">Its body.</param>
    /// <param name="read">Finds the answer in it.</param>
    internal static PeerReply ReplyOf(int status, TimeSpan? retryAfter, byte[] body, Func<JsonElement, string> read)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return status switch
            {
                200 => new PeerReply(PeerOutcome.Answered, read(root)),
                401 or 403 => new PeerReply(PeerOutcome.AuthFailed, $"Peer rejected auth ({status})"),
                508 => new PeerReply(PeerOutcome.HopExceeded, "Peer refused - hop limit reached"),
                429 when IsLoop(root) => new PeerReply(PeerOutcome.HopExceeded, "Peer refused - hop limit reached"),
                429 => new PeerReply(PeerOutcome.RateLimited, "Peer refused - asked too often", retryAfter),
                _ => new PeerReply(PeerOutcome.PeerError, $"Peer returned {status}: {Shortened(body)}"),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return status switch
            {
                200 => new PeerReply(PeerOutcome.PeerError, $"Peer returned non-JSON: {Shortened(body)}"),
                401 or 403 => new PeerReply(PeerOutcome.AuthFailed, $"Peer rejected auth ({status})"),
                429 => new PeerReply(PeerOutcome.RateLimited, "Peer refused - asked too often", retryAfter),
                508 => new PeerReply(PeerOutcome.HopExceeded, "Peer refused - hop limit reached"),
                _ => new PeerReply(PeerOutcome.PeerError, $"Peer returned {status}: {Shortened(body)}"),
            };
        }
    }

    /// <summary>The answer in a chat completion; one without choices is empty.</summary>
    internal static string ContentOf(JsonElement root) =>
        root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0 &&
        choices[0].TryGetProperty("message", out var message) && message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String
            ? content.GetString()!
            : string.Empty;

    private static bool IsLoop(JsonElement root) =>
        root.TryGetProperty("error", out var error) &&
        (PeerClaims.TextOf(error, "type") == PeerErrors.LoopDetected || PeerClaims.TextOf(error, "code") == PeerErrors.HopExceeded);

    private static string Shortened(byte[] body)
    {
        var text = System.Text.Encoding.UTF8.GetString(body);
        return text.Length > MaxErrorLength ? text[..MaxErrorLength] : text;
    }
}
