using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Conversations;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Transports.Http.OpenAi;

/// <summary>Agents as models of OpenAI's API: docs/protocol/openai.md.</summary>
internal sealed class OpenAiEndpoints(ConversationService conversations, ResponseStore responses, AgentRegistry agents, AnswerDesk desk, HubOptions options)
{
    private const string ThreadHeader = "X-Parley-Thread";
    private const string RequestHeader = "x-request-id";

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        Add(routes.MapPost("/v1/chat/completions", CompleteAsync));
        Add(routes.MapPost("/v1/responses", RespondAsync));
        Add(routes.MapGet("/v1/responses/{id}", ReadResponseAsync));
        Add(routes.MapDelete("/v1/responses/{id}", DeleteResponseAsync));
        Add(routes.MapGet("/v1/models", ListModelsAsync));
        Add(routes.MapGet("/v1/models/{id}", ReadModelAsync));
        Add(routes.Map("/v1/{**path}", context =>
            throw new ParleyException(ErrorCode.NotFound, $"There is nothing here that takes {(HttpMethods.IsGet(context.Request.Method) ? "GET" : "this method")}.")));
    }

    private static void Add(IEndpointConventionBuilder route) => route.RequireRole(Role.Agent, ApiScopes.Messages).WithMetadata(OpenAiRefusals.Form);

    private async Task CompleteAsync(HttpContext context)
    {
        var request = ChatRequestReader.Parse(await ReadAsync(context));
        using var conversation = await conversations.StartChatAsync(context.Caller(), request, ThreadOf(context), context.RequestAborted);
        Mark(context, conversation);
        var id = "chatcmpl-" + conversation.Id;
        var writer = new ChatWriter(id, conversation.StartedAt.ToUnixTimeSeconds(), request.Model, request.IncludesUsage);
        Task KeepAsync(ModelAnswer answer) => conversations.KeepAsync(conversation, id, answer, null, context.RequestAborted);
        if (!request.IsStreamed)
        {
            await desk.AnswerAsync(context, conversation, KeepAsync, writer.WriteWhole);
            return;
        }

        var hasBegun = false;
        await desk.StreamAsync(
            context, conversation, KeepAsync,
            (output, answerEvent) =>
            {
                if (!hasBegun)
                {
                    hasBegun = true;
                    writer.WriteRole(output);
                }

                if (answerEvent.Text is { } text)
                {
                    writer.WriteText(output, text);
                }
                else if (answerEvent.Answer is { } answer)
                {
                    writer.WriteEnd(output, answer);
                }
            },
            ChatWriter.WriteFailure);
    }

    private async Task RespondAsync(HttpContext context)
    {
        var request = ResponseRequestReader.Parse(await ReadAsync(context));
        using var conversation = await conversations.StartResponseAsync(context.Caller(), request, ThreadOf(context), context.RequestAborted);
        Mark(context, conversation);
        var writer = new ResponseWriter(conversation.Id, conversation.StartedAt.ToUnixTimeSeconds(), request);
        Task KeepAsync(ModelAnswer answer) =>
            conversations.KeepAsync(conversation, writer.Id, answer, request.Store == true ? writer.ToWhole(answer) : null, context.RequestAborted);
        if (!request.IsStreamed)
        {
            await desk.AnswerAsync(context, conversation, KeepAsync, (output, answer) => output.Write(writer.ToWhole(answer)));
            return;
        }

        await desk.StreamAsync(
            context, conversation, KeepAsync,
            (output, answerEvent) =>
            {
                if (answerEvent.Text is { } text)
                {
                    writer.WriteText(output, text);
                }
                else if (answerEvent.Answer is { } answer)
                {
                    writer.WriteEnd(output, answer);
                }
                else
                {
                    writer.WriteBegin(output);
                }
            },
            writer.WriteFailure);
    }

    private async Task ReadResponseAsync(HttpContext context)
    {
        var kept = await responses.FindAsync(context.Caller().CredentialId, IdOf(context), context.RequestAborted) ?? throw NoResponse();
        await AnswerDesk.WriteAsync(context, kept.Body ?? throw new ParleyException(ErrorCode.NotFound, "The response was not kept with its text: ask for \"store\": true."));
    }

    private async Task DeleteResponseAsync(HttpContext context)
    {
        var id = IdOf(context);
        if (!await responses.DeleteAsync(context.Caller().CredentialId, id, context.RequestAborted))
        {
            throw NoResponse();
        }

        var output = new ArrayBufferWriter<byte>();
        ResponseWriter.WriteDeleted(output, id);
        await AnswerDesk.WriteAsync(context, output.WrittenMemory);
    }

    private Task ListModelsAsync(HttpContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        ModelList.Write(output, conversations.ModelsOf(context.Caller()).Select(model => EntryOf(model.Model, model.Agent)));
        return AnswerDesk.WriteAsync(context, output.WrittenMemory);
    }

    private Task ReadModelAsync(HttpContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        ModelList.Write(output, EntryOf(IdOf(context), conversations.Find(context.Caller(), IdOf(context))));
        return AnswerDesk.WriteAsync(context, output.WrittenMemory);
    }

    private ModelEntry EntryOf(string model, AgentAddress agent) => new(model, agents.Find(agent)?.CreatedAt.ToUnixTimeSeconds() ?? 0, agent.Owner);

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    // It comes back in the answer, where no other characters can stand.
    private static string? ThreadOf(HttpContext context) => context.Request.Headers[ThreadHeader].ToString() is not { Length: > 0 } name ? null
        : Ascii.IsValid(name) ? name
        : throw new ParleyException(ErrorCode.InvalidArgument, $"The name in {ThreadHeader} is plain ASCII.");

    private static ParleyException NoResponse() => new(ErrorCode.NotFound, "There is no such response of this key.");

    private static void Mark(HttpContext context, Conversation conversation)
    {
        context.Features.Set(conversation);

        // Refusals clear headers, and the id is what an operator looks for then.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[RequestHeader] = conversation.Id;
            if (ThreadOf(context) is { } thread)
            {
                context.Response.Headers[ThreadHeader] = thread;
            }

            return Task.CompletedTask;
        });
    }

    private Task<byte[]> ReadAsync(HttpContext context)
    {
        desk.Count(context.Caller());
        var limit = options.Conversations.MaxRequestBytes;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // The server's own limit is for all routes, and may be the smaller one.
            feature.MaxRequestBodySize = limit;
        }

        return OperationArguments.ReadBodyAsync(context, limit);
    }
}
