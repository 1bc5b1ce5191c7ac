using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.PeerApi.Rotation;
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

    private const string Tasks = "/v1/tasks";
    private const int MaxIdLength = 128;

    /// <summary>As long as a timer can count; who says more means for ever.</summary>
    private static readonly TimeSpan _maxTimeout = TimeSpan.FromDays(30);

    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(10);
    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PeerDirectory _self;
    private readonly PeerEntry _peer;
    private readonly TimeProvider _timeProvider;
    private readonly FillRandom _fill;
    private readonly PeerRotations? _rotations;
    private readonly TlsContext _context;
    private readonly HttpClient _http;

    /// <summary>Makes a client for one peer.</summary>
    /// <param name="self">Us.</param>
    /// <param name="peer">Whom.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="fill">Randomness of tokens.</param>
    /// <param name="rotations">Tells of our new keys and hears of the peer's; null: neither.</param>
    public PeerClient(PeerDirectory self, PeerEntry peer, TimeProvider timeProvider, FillRandom fill, PeerRotations? rotations = null)
    {
        (_self, _peer, _timeProvider, _fill, _rotations) = (self, peer, timeProvider, fill, rotations);
        _context = TlsContext.ForClient(new TlsClientOptions { Pins = peer.PinsAt(timeProvider.GetUtcNow()), TimeProvider = timeProvider });
        _http = new HttpClient(new PinnedHttpHandler(_context, _connectTimeout)) { Timeout = Timeout.InfiniteTimeSpan, BaseAddress = peer.Address };
    }

    /// <summary>What the peer's clock said in its last response; null for none.</summary>
    public DateTimeOffset? PeerTime { get; private set; }

    /// <summary>Asks a question.</summary>
    /// <param name="message">The question.</param>
    /// <param name="hops">The hop budget; one that is spent is not sent.</param>
    /// <param name="session">The conversation; null for the peer's usual one with us.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Stops waiting; the peer goes on.</param>
    public Task<PeerReply> AskAsync(string message, int hops, string? session, TimeSpan timeout, CancellationToken cancellationToken) => hops <= 0
        ? Task.FromResult(new PeerReply(PeerOutcome.HopExceeded, "Hop limit reached: agents ask each other in a circle."))
        : SendAsync(new PeerRequestHead("POST", "/v1/chat/completions") { Session = Conversation(session) }, hops, Question(message), PeerResponse.Completion, timeout, cancellationToken);

    /// <summary>Asks a question without waiting for its answer.</summary>
    /// <returns><see cref="PeerOutcome.Pending"/> with the task's id, or why not.</returns>
    public Task<PeerReply> BeginAsync(string message, int hops, string? session, TimeSpan timeout, CancellationToken cancellationToken) => hops <= 0
        ? AskAsync(message, hops, session, timeout, cancellationToken)
        : SendAsync(new PeerRequestHead("POST", Tasks) { Session = Conversation(session) }, hops, Question(message), PeerResponse.Task, timeout, cancellationToken);

    /// <summary>Asks what became of a question of ours.</summary>
    /// <param name="task">Its id.</param>
    /// <param name="wait">How long the peer may wait for its end.</param>
    /// <param name="timeout">How long we wait for the peer.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<PeerReply> ReadTaskAsync(string task, TimeSpan wait, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var seconds = (int)Math.Clamp(wait.TotalSeconds, 0, PeerTask.MaxWait.TotalSeconds);
        return SendAsync(new PeerRequestHead("GET", $"{PathOf(task)}?wait={seconds}"), 1, [], PeerResponse.Task, timeout, cancellationToken);
    }

    /// <summary>Stops the work on a question of ours.</summary>
    public Task<PeerReply> CancelTaskAsync(string task, TimeSpan timeout, CancellationToken cancellationToken) =>
        SendAsync(new PeerRequestHead("DELETE", PathOf(task)), 1, [], PeerResponse.Task, timeout, cancellationToken);

    /// <summary>Reads the peer's card, which proves both sides to each other without a question.</summary>
    public Task<PeerReply> ReadCardAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        SendAsync(new PeerRequestHead("GET", "/v1/agent-card"), 1, [], static root => new PeerReply(PeerOutcome.Answered, root.GetRawText()), timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _context.Dispose();
    }

    private async Task<PeerReply> SendAsync(
        PeerRequestHead head, int hops, byte[] body, Func<JsonElement, PeerReply> read, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var proved = PeerProof.Sign(_self, _peer, head, hops, body, _timeProvider.GetUtcNow(), _fill);
        using var limit = new CancellationTokenSource(timeout < _maxTimeout ? timeout : _maxTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = RequestOf(proved, body);
        if (_peer.Profile == PeerProfile.JwtEddsa)
        {
            Add(request, PeerRotations.Header, _rotations?.AnnouncementOf(_self));
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            _rotations?.Hear(_peer, response.Headers.TryGetValues(PeerRotations.Header, out var said) ? said.First() : null);
            PeerTime = response.Headers.Date;
            using var limited = new LimitedStream(await response.Content.ReadAsStreamAsync(either.Token), MaxAnswerBytes);
            using var content = new MemoryStream();
            await limited.CopyToAsync(content, either.Token);
            return PeerResponse.Of((int)response.StatusCode, response.Headers.RetryAfter?.Delta, content.ToArray(), read);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new PeerReply(PeerOutcome.Timeout, $"Peer '{_peer.Host}:{_peer.Port}' timed out ({timeout.TotalMilliseconds:0}ms)") { Task = proved.Id, MayHaveArrived = true };
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
            return new PeerReply(outcome, $"Peer unreachable: {fault?.Message ?? exception.Message}") { Task = proved.Id, Fault = fault?.Fault, MayHaveArrived = fault is null && !IsOfConnecting(exception) };
        }
    }

    private static bool IsOfConnecting(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    private static HttpRequestMessage RequestOf(PeerRequestHead head, byte[] body)
    {
        var request = new HttpRequestMessage(new HttpMethod(head.Method), head.Target);
        Add(request, "Authorization", head.Authorization);
        Add(request, PeerRequestHead.PeerIdHeader, head.PeerId);
        Add(request, PeerRequestHead.TimestampHeader, head.Timestamp);
        Add(request, PeerRequestHead.NonceHeader, head.Nonce);
        Add(request, PeerRequestHead.SignatureHeader, head.Signature);
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

    // What a header cannot carry as it is would break the line, or not be what was signed.
    private static string? Conversation(string? session) =>
        session is null || (session.Length is > 0 and <= MaxIdLength && session.All(static letter => letter is >= ' ' and <= '~') && session.Trim() == session) ? session
            : throw new ParleyException(ErrorCode.InvalidArgument, $"The name of a conversation is 1 to {MaxIdLength} printable ASCII characters, without spaces around them.");

    // Nothing that would be another path.
    private static string PathOf(string task) =>
        task.Length is > 0 and <= MaxIdLength && task.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-') && task is not ("." or "..") ? $"{Tasks}/{task}"
            : throw new ParleyException(ErrorCode.InvalidArgument, $"A task's id is 1 to {MaxIdLength} letters, digits, '.', '_' or '-', as parley peer ask --no-wait prints it.");

    private byte[] Question(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The question has no text.");
        }

        var message = PeerProof.Tag(_self, _peer, text, _timeProvider.GetUtcNow());
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
}
