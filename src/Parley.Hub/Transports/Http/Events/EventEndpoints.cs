using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Parley.Gateway.Sse;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Webhooks;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Transports.Http.Events;

/// <summary>The routes of events that are no operations: the stream, and webhooks that come in.</summary>
internal sealed class EventEndpoints
{
    private const int EnvelopeBytes = 4096;
    private const int MaxRemembered = 10_000;

    private readonly EventStreams _streams;
    private readonly EventReader _reader;
    private readonly EventAudience _audience;
    private readonly EventAccess _access;
    private readonly InboundHook _hook;
    private readonly ConnectionOptions _options;
    private readonly RateLimiter _badHooks;

    /// <summary>The endpoints of one hub.</summary>
    public EventEndpoints(
        EventStreams streams, EventReader reader, EventAudience audience, EventAccess access, InboundHook hook, ConnectionOptions options, IOptions<DoorOptions> doors, TimeProvider time)
    {
        (_streams, _reader, _audience, _access, _hook, _options) = (streams, reader, audience, access, hook, options);
        _badHooks = new RateLimiter(doors.Value.BadKeysPerMinute, TimeSpan.FromMinutes(1), MaxRemembered, time);
    }

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/events/stream", StreamAsync).RequireRole(Role.Agent, ApiScopes.Events);
        routes.MapPost("/hooks/{connection}", HookAsync).AllowGuests();
    }

    private async Task StreamAsync(HttpContext context)
    {
        var query = _access.QueryOf(context.Caller(), context.Request.Query["types"], context.Request.Query["source"] is { Count: > 0 } source ? source.ToString() : null);
        var after = await StartAsync(context);

        // Before the first word, so that there being no place is an answer with a status of its own.
        using var seat = _audience.Follow(query.Reader, query.Owner, query.Types);
        await _streams.SendAsync<StoredEvent?>(
            context,
            cancellationToken => FollowAsync(query, seat, after, cancellationToken),
            (output, value) =>
            {
                if (value is not null)
                {
                    SseWriter.Write(output, JsonSerializer.SerializeToUtf8Bytes(EventOperations.ViewOf(value), ManagementJson.Compact.EventView), value.Number, Encoding.ASCII.GetBytes(value.Type.Text));
                }
            },
            (output, refusal) => SseWriter.Write(
                output,
                JsonSerializer.SerializeToUtf8Bytes(new ErrorAnswer(new ErrorBody(refusal.Row.WireName, refusal.Message, new ErrorDetails(refusal.Row.Fixer, null))), ManagementJson.Compact.ErrorAnswer),
                name: "error"u8));
    }

    // The first word goes out at once, so that a reader knows that it is heard.
    private async IAsyncEnumerable<StoredEvent?> FollowAsync(EventQuery query, EventSeat seat, long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return null;
        await foreach (var value in _reader.FollowAsync(query, seat, after, cancellationToken))
        {
            yield return value;
        }
    }

    // From the event that the reader had last; a new reader gets what comes from now on.
    private async Task<long> StartAsync(HttpContext context)
    {
        var given = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : context.Request.Query["after"].ToString();
        if (given.Length == 0)
        {
            return await _reader.LastNumberAsync(context.RequestAborted);
        }

        return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var after)
            ? after
            : throw new ParleyException(ErrorCode.InvalidArgument, "Last-Event-ID is the id of an event of this stream.") { Field = "Last-Event-ID" };
    }

    private async Task HookAsync(HttpContext context)
    {
        var caller = CallerAddress.Of(context);
        if (_badHooks.Peek(caller) is { } wait)
        {
            throw new ParleyException(ErrorCode.RateLimited, "Too many webhooks with a bad signature came from this address.") { RetryAfter = wait };
        }

        var body = await OperationArguments.ReadBodyAsync(context, (int)_options.MaxEventBytes + EnvelopeBytes);
        try
        {
            var (id, deliveries, isRepeat) = await _hook.TakeAsync(
                context.Request.RouteValues["connection"]?.ToString() ?? string.Empty, name => context.Request.Headers[name].ToString(), body, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(
                JsonSerializer.SerializeToUtf8Bytes(new Item<EmittedEvent>(new EmittedEvent(id, deliveries, isRepeat)), ManagementJson.Compact.ItemEmittedEvent), context.RequestAborted);
        }
        catch (ParleyException refusal) when (refusal.Code == ErrorCode.Unauthenticated)
        {
            _badHooks.TryTake(caller);
            throw;
        }
    }
}
