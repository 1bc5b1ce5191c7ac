using System.Buffers;
using Microsoft.AspNetCore.Http;
using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Conversations;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.OpenAi;

/// <summary>How refusals look on the routes of OpenAI's API.</summary>
internal static class OpenAiRefusals
{
    /// <summary>The form of the routes.</summary>
    public static RefusalForm Form { get; } = new(WriteAsync);

    private static async Task WriteAsync(HttpContext context, ParleyException refusal)
    {
        ApiErrors.Begin(context, refusal, OpenAiErrors.StatusOf(refusal));
        context.Response.ContentType = "application/json";

        // OpenAI's own clients repeat failures by themselves and heed this: what an agent has begun must not be begun again unasked.
        context.Response.Headers["x-should-retry"] = Passes(refusal.Code) && context.Features.Get<Conversation>() is not { IsDelivered: true } ? "true" : "false";
        var body = new ArrayBufferWriter<byte>();
        OpenAiErrors.Write(body, refusal);
        await context.Response.Body.WriteAsync(body.WrittenMemory);
    }

    private static bool Passes(ErrorCode code) => code is ErrorCode.RateLimited or ErrorCode.Draining or ErrorCode.Unavailable or ErrorCode.MailboxFull;
}
