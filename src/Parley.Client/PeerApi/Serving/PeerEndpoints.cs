using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.Responders;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.PeerApi.Serving;

/// <summary>The routes of the agent API: docs/protocol/peer-api.md. Order of checks: head of the proof, size, body of the proof, right, hops, rate, JSON, responder.</summary>
/// <remarks>A client that goes away does not cancel what it asked for.</remarks>
internal sealed partial class PeerEndpoints(
    PeersFile peers, PeerVerifier verifier, PeerRates rates, ResponderPipeline pipeline, PeerServerOptions options, TimeProvider timeProvider, FillRandom fill, ILogger<PeerEndpoints> log)
{
    private const string Model = "default";
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
            ("GET", "/v1/models") => ListModelsAsync(context),
            ("GET", "/v1/agent-card") => ReadCardAsync(context),
            _ => throw new ParleyException(ErrorCode.NotFound, "There is no such route."),
        };
    }

    private async Task CompleteAsync(HttpContext context)
    {
        var self = peers.Current;
        var (caller, body) = await AuthenticateAsync(context, self, PeerEntry.Ask);
        if (caller.Hops <= 0)
        {
            throw new ParleyException(ErrorCode.MessageHops, "The hop budget is spent: agents call each other in a circle.");
        }

        using var place = rates.Enter(caller.Peer);
        var request = ChatRequestReader.Parse(body);
        var id = EnvelopeId.Make(fill);
        var message = PeerMessage.Of(caller, request, self.MaxHops, id);
        LogAsked(caller.Peer.Name, id.Value);
        var writer = new ChatWriter($"chatcmpl-{id.Value}", timeProvider.GetUtcNow().ToUnixTimeSeconds(), request.Model, request.IncludesUsage);
        var stream = request.IsStreamed ? new PeerStream(context.Response, writer) : null;
        try
        {
            var reply = await pipeline.AnswerAsync(message, stream ?? (IAnswerSink)new Silent(), CancellationToken.None);
            var answer = AnswerOf(reply);
            if (stream is not null)
            {
                await stream.EndAsync(reply, answer, context.RequestAborted);
                return;
            }

            var output = new ArrayBufferWriter<byte>();
            writer.WriteWhole(output, answer);
            await WriteAsync(context, 200, output.WrittenMemory);
        }
        catch (ParleyException refusal) when (stream is { HasBegun: true })
        {
            await stream.FailAsync(refusal, context.RequestAborted);
        }
    }

    private async Task ListModelsAsync(HttpContext context)
    {
        var self = peers.Current;
        await AuthenticateAsync(context, self, PeerEntry.Models);
        var output = new ArrayBufferWriter<byte>();
        ModelList.Write(output, [new ModelEntry(Model, 0, self.Name)]);
        await WriteAsync(context, 200, output.WrittenMemory);
    }

    private async Task ReadCardAsync(HttpContext context)
    {
        var self = peers.Current;
        await AuthenticateAsync(context, self, PeerEntry.Card);
        await WriteAsync(context, 200, json =>
        {
            json.WriteString("name", self.Name);
            json.WriteString("version", options.Version);
            json.WriteStartArray("capabilities");
            json.WriteStringValue("chat");
            json.WriteStringValue("stream");
            json.WriteEndArray();
            json.WriteNumber("load", 0);
            json.WriteNumber("max_sessions", options.MaxSessions);
            json.WriteString("status", "ready");
        });
    }

    private async Task<(PeerCaller Caller, ReadOnlyMemory<byte> Body)> AuthenticateAsync(HttpContext context, PeerDirectory self, string right)
    {
        var headers = context.Request.Headers;
        var head = new PeerRequestHead(context.Request.Method, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
        {
            Authorization = One(headers.Authorization),
            Proof = One(headers[PeerRequestHead.ProofHeader]),
            Hops = One(headers[PeerRequestHead.HopsHeader]),
            Session = One(headers[PeerRequestHead.SessionHeader]),
        };
        var fault = verifier.CheckHead(self, head, out var caller);
        if (fault != ProofFault.None || caller is null)
        {
            throw Unbelieved(fault);
        }

        var body = await ReadAsync(context);
        fault = verifier.CheckBody(caller, body.Span);
        if (fault != ProofFault.None)
        {
            throw fault == ProofFault.TooMany
                ? new ParleyException(ErrorCode.RateLimited, "This peer asks too often.") { RetryAfter = PeerProof.Lifetime }
                : Unbelieved(fault);
        }

        return caller.Peer.Allow.Contains(right) ? (caller, body) : throw new ParleyException(ErrorCode.PermissionDenied, "This peer is not allowed to do that here.");
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > options.MaxBodyBytes)
        {
            throw TooLarge();
        }

        var bytes = new ArrayBufferWriter<byte>();
        int count;
        do
        {
            count = await context.Request.Body.ReadAsync(bytes.GetMemory(16 * 1024), context.RequestAborted);
            bytes.Advance(count);
            if (bytes.WrittenCount > options.MaxBodyBytes)
            {
                throw TooLarge();
            }
        }
        while (count > 0);
        return bytes.WrittenMemory;
    }

    private static ModelAnswer AnswerOf(Reply reply)
    {
        if (reply.State is ReplyState.Completed or ReplyState.InputRequired or ReplyState.AuthRequired && reply.ErrorCode.Length == 0)
        {
            return new ModelAnswer(reply.Content.ToStringUtf8(), reply.Truncated ? ModelFinish.Length : ModelFinish.Stop);
        }

        var code = reply.ErrorCode.Length > 0 ? ErrorMap.FromWireName(reply.ErrorCode) : ErrorCode.ResponderFailed;
        throw new ParleyException(code, reply.ErrorMessage.Length > 0 ? reply.ErrorMessage : "The responder gave no answer.");
    }

    // Several of one header are none: two programs might each believe another one.
    private static string? One(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 1 ? values[0] : null;

    private ParleyException Unbelieved(ProofFault fault)
    {
        LogUnbelieved(fault);
        return new ParleyException(ErrorCode.Unauthenticated, fault == ProofFault.Missing ? "Missing bearer token" : "Invalid bearer token");
    }

    private ParleyException TooLarge() => new(ErrorCode.MessageTooLarge, $"A request's body has at most {options.MaxBodyBytes} bytes.");

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

    [LoggerMessage(LogLevel.Information, "Peer {Peer} asked {Id}")]
    private partial void LogAsked(string peer, string id);

    [LoggerMessage(LogLevel.Information, "A request was not believed: {Fault}")]
    private partial void LogUnbelieved(ProofFault fault);

    [LoggerMessage(LogLevel.Error, "A request failed")]
    private partial void LogFailed(Exception exception);

    private sealed class Silent : IAnswerSink;
}
