using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.PeerApi.Rotation;
using Parley.Client.Responders;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Client.PeerApi.Serving;

/// <summary>The routes of the agent API: docs/protocol/peer-api.md. Order of checks: head of the proof, size, body of the proof, right, hops, rate, JSON, responder.</summary>
/// <remarks>A client that goes away does not cancel what it asked for.</remarks>
internal sealed partial class PeerEndpoints(
    PeersFile peers, PeerVerifier verifier, PeerRates rates, PeerTasks tasks, PeerQuestions questions, PeerRotations? rotations, PeerServerOptions options, TimeProvider timeProvider, ILogger<PeerEndpoints> log)
{
    private const string Model = "default";
    private const string TasksPath = "/v1/tasks";

    // What a stranger may send who knows a peer's name, where the signature is over the body too.
    private const int MaxUnprovedBytes = 1024 * 1024;

    private readonly ILogger _log = log;

    /// <summary>Answers a request, whatever becomes of it.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (ParleyException refusal)
        {
            await RefuseAsync(context, refusal);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be told.
        }
        catch (BadHttpRequestException)
        {
            await RefuseAsync(context, new ParleyException(ErrorCode.JsonInvalid, "The request's body could not be read."));
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            await RefuseAsync(context, new ParleyException(ErrorCode.Internal, "This side failed; its log has the details."));
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value);
        return (method, path) switch
        {
            ("GET", "/health") => WriteAsync(context, 200, json => json.WriteString("status", "ok")),
            ("POST", "/v1/chat/completions") => CompleteAsync(context),
            ("POST", TasksPath) => BeginTaskAsync(context),
            ("GET", _) when TaskOf(path) is { } id => ReadTaskAsync(context, id),
            ("DELETE", _) when TaskOf(path) is { } id => CancelTaskAsync(context, id),
            ("GET", "/v1/models") => ListModelsAsync(context),
            ("GET", "/v1/agent-card") => ReadCardAsync(context),
            _ => throw new ParleyException(ErrorCode.NotFound, "There is no such route."),
        };
    }

    private async Task CompleteAsync(HttpContext context)
    {
        var self = peers.Current;
        var (caller, body) = await AuthenticateAsync(context, self, peer => peer.MayAsk(options.Responder));
        ChatWriter? writer = null;
        PeerStream? stream = null;
        var task = questions.Begin(self, caller, body, (request, id) =>
        {
            writer = new ChatWriter($"chatcmpl-{id.Value}", timeProvider.GetUtcNow().ToUnixTimeSeconds(), request.Model, request.IncludesUsage);
            return (IAnswerSink?)(stream = request.IsStreamed ? new PeerStream(context.Response, writer) : null) ?? new Silent();
        });

        // To the end, also when nobody listens any more: the response is written to by the sink until then.
        await task.Ended;
        if (task is { Reply: { } reply, Answer: { } answer })
        {
            await AnswerAsync(context, writer!, stream, reply, answer);
            return;
        }

        if (stream is not { HasBegun: true })
        {
            throw task.Refusal!;
        }

        await stream.FailAsync(task.Refusal!, context.RequestAborted);
    }

    private static async Task AnswerAsync(HttpContext context, ChatWriter writer, PeerStream? stream, Reply reply, ModelAnswer answer)
    {
        if (stream is not null)
        {
            await stream.EndAsync(reply, answer, context.RequestAborted);
            return;
        }

        var output = new ArrayBufferWriter<byte>();
        writer.WriteWhole(output, answer);
        await WriteAsync(context, 200, output.WrittenMemory);
    }

    private async Task BeginTaskAsync(HttpContext context)
    {
        var self = peers.Current;
        var (caller, body) = await AuthenticateAsync(context, self, peer => peer.MayAsk(options.Responder));
        await TellAsync(context, 202, questions.Begin(self, caller, body, static (_, _) => new Silent()));
    }

    private async Task ReadTaskAsync(HttpContext context, string id)
    {
        var (caller, _) = await AuthenticateAsync(context, peers.Current, peer => peer.MayAsk(options.Responder));
        var task = tasks.Find(caller.Peer.Name, id);
        var wait = int.TryParse(One(context.Request.Query["wait"]), out var seconds) ? seconds : 0;
        await tasks.WaitAsync(task, TimeSpan.FromSeconds(wait), context.RequestAborted);
        await TellAsync(context, 200, task);
    }

    private async Task CancelTaskAsync(HttpContext context, string id)
    {
        var (caller, _) = await AuthenticateAsync(context, peers.Current, peer => peer.MayAsk(options.Responder));
        var task = tasks.Find(caller.Peer.Name, id);
        task.Cancel();

        // The responder ends its work first: what is told then is how it ended.
        await tasks.WaitAsync(task, PeerTask.MaxWait, context.RequestAborted);
        await TellAsync(context, 200, task);
    }

    private static Task TellAsync(HttpContext context, int status, PeerTask task)
    {
        var output = new ArrayBufferWriter<byte>();
        PeerTaskJson.Write(output, task);
        return WriteAsync(context, status, output.WrittenMemory);
    }

    private static string? TaskOf(string? path) =>
        path is not null && path.StartsWith(TasksPath + "/", StringComparison.Ordinal) && path[(TasksPath.Length + 1)..] is { Length: > 0 } id && !id.Contains('/') ? id : null;

    private async Task ListModelsAsync(HttpContext context)
    {
        var self = peers.Current;
        await AuthenticateAsync(context, self, static peer => peer.Allow.Contains(PeerEntry.Models));
        var output = new ArrayBufferWriter<byte>();
        ModelList.Write(output, [new ModelEntry(Model, 0, self.Name)]);
        await WriteAsync(context, 200, output.WrittenMemory);
    }

    private async Task ReadCardAsync(HttpContext context)
    {
        var self = peers.Current;
        await AuthenticateAsync(context, self, static peer => peer.Allow.Contains(PeerEntry.Card));
        await WriteAsync(context, 200, json =>
        {
            json.WriteString("name", self.Name);
            json.WriteString("version", options.Version);
            json.WriteStartArray("capabilities");
            json.WriteStringValue("chat");
            json.WriteStringValue("stream");
            json.WriteStringValue("tasks");
            json.WriteEndArray();
            json.WriteNumber("load", Math.Round(Math.Min(1.0, (double)rates.Open / options.MaxSessions), 2));
            json.WriteNumber("max_sessions", options.MaxSessions);
            json.WriteString("status", "ready");
        });
    }

    private async Task<(PeerCaller Caller, ReadOnlyMemory<byte> Body)> AuthenticateAsync(HttpContext context, PeerDirectory self, Func<PeerEntry, bool> may)
    {
        var headers = context.Request.Headers;
        var head = new PeerRequestHead(context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
        {
            Authorization = One(headers.Authorization),
            Proof = One(headers[PeerRequestHead.ProofHeader]),
            Hops = One(headers[PeerRequestHead.HopsHeader]),
            Session = One(headers[PeerRequestHead.SessionHeader]),
            PeerId = One(headers[PeerRequestHead.PeerIdHeader]),
            Timestamp = One(headers[PeerRequestHead.TimestampHeader]),
            Nonce = One(headers[PeerRequestHead.NonceHeader]),
            Signature = One(headers[PeerRequestHead.SignatureHeader]),
        };
        self = Learn(self, head, One(headers[PeerRotations.Header]));
        var fault = verifier.CheckHead(self, head, out var caller);
        if (fault != ProofFault.None || caller is null)
        {
            throw Unbelieved(fault, head);
        }

        if (caller.Peer.Profile == PeerProfile.JwtEddsa && rotations?.AnnouncementOf(self) is { } announcement)
        {
            context.Response.Headers[PeerRotations.Header] = announcement;
        }

        var body = await ReadAsync(context, caller.IsProved ? options.MaxBodyBytes : Math.Min(options.MaxBodyBytes, MaxUnprovedBytes));
        fault = verifier.CheckBody(caller, body.Span);
        if (fault != ProofFault.None)
        {
            throw fault == ProofFault.TooMany
                ? new ParleyException(ErrorCode.RateLimited, "This peer asks too often.") { RetryAfter = PeerProof.Lifetime }
                : Unbelieved(fault, head);
        }

        context.Features.Get<ConnectionPlace>()?.ProvedBy(caller.Peer.Name);
        options.OnSeen?.Invoke(caller.Peer.Name);
        return may(caller.Peer) ? (caller, body) : throw new ParleyException(ErrorCode.PermissionDenied, "This peer is not allowed to do that here.");
    }

    // A request may be signed by keys that it brings itself, with the word of the old ones.
    private PeerDirectory Learn(PeerDirectory self, PeerRequestHead head, string? announcement) =>
        announcement is not null && rotations is not null && PeerVerifier.IssuerOf(head) is { } issuer && self.Peers.TryGetValue(issuer, out var peer) && rotations.Hear(peer, announcement)
            ? peers.Current
            : self;

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        var bytes = new ArrayBufferWriter<byte>();
        int count;
        do
        {
            count = await context.Request.Body.ReadAsync(bytes.GetMemory(16 * 1024), context.RequestAborted);
            bytes.Advance(count);
            if (bytes.WrittenCount > limit)
            {
                throw TooLarge(limit);
            }
        }
        while (count > 0);
        return bytes.WrittenMemory;
    }

    // Several of one header are none: two programs might each believe another one.
    private static string? One(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 1 ? values[0] : null;

    private ParleyException Unbelieved(ProofFault fault, PeerRequestHead head)
    {
        LogUnbelieved(fault);
        if (head is { PeerId: not null, Authorization: null })
        {
            return new ParleyException(ErrorCode.Unauthenticated, "Invalid request signature") { Field = PeerErrors.SignatureInvalid };
        }

        return new ParleyException(ErrorCode.Unauthenticated, fault == ProofFault.Missing ? "Missing bearer token" : "Invalid bearer token");
    }

    private static ParleyException TooLarge(int limit) => new(ErrorCode.MessageTooLarge, $"A request's body has at most {limit} bytes.");

    private static async Task RefuseAsync(HttpContext context, ParleyException refusal)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        if (refusal.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString();
        }

        var output = new ArrayBufferWriter<byte>();
        PeerErrors.Write(output, refusal);
        await WriteAsync(context, PeerErrors.Of(refusal).Status, output.WrittenMemory);
    }

    private static Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return WriteAsync(context, status, output.WrittenMemory);
    }

    private static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    [LoggerMessage(LogLevel.Information, "A request was not believed: {Fault}")]
    private partial void LogUnbelieved(ProofFault fault);

    [LoggerMessage(LogLevel.Error, "A request failed")]
    private partial void LogFailed(Exception exception);

    private sealed class Silent : IAnswerSink;
}
