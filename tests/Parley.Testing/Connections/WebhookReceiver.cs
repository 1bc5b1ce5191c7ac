using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parley.Testing.Connections;

/// <summary>One webhook that came.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="Headers">The headers, by their names in lower case.</param>
public sealed record ReceivedWebhook(byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>An HTTP server on loopback that takes webhooks, and answers as it is told.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();
    private readonly WebApplication _server;

    private WebhookReceiver(WebApplication server) => _server = server;

    /// <summary>What came, oldest first.</summary>
    public ConcurrentQueue<ReceivedWebhook> Got { get; } = new();

    /// <summary>How it answers when nothing else was said: a status.</summary>
    public int Status { get; set; } = 204;

    /// <summary>Its address.</summary>
    public string Url => _server.Urls.First() + "/hook";

    /// <summary>Starts one.</summary>
    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        var receiver = new WebhookReceiver(server);
        server.Run(receiver.TakeAsync);
        await server.StartAsync();
        return receiver;
    }

    /// <summary>Answers the next one so.</summary>
    public void Next(Action<HttpContext> answer) => _answers.Enqueue(context =>
    {
        answer(context);
        return Task.CompletedTask;
    });

    /// <summary>Answers the next one so.</summary>
    public void Next(Func<HttpContext, Task> answer) => _answers.Enqueue(answer);

    /// <summary>Answers the next ones with a status.</summary>
    public void Next(int status, int times = 1)
    {
        for (var time = 0; time < times; time++)
        {
            Next(context => context.Response.StatusCode = status);
        }
    }

    /// <summary>Waits until so many came.</summary>
    public async Task<IReadOnlyList<ReceivedWebhook>> GotAsync(int count)
    {
        await Deadline.UntilAsync(() => Got.Count >= count, $"{count} webhooks");
        return [.. Got];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.StatusCode = Status;
        if (_answers.TryDequeue(out var answer))
        {
            await answer(context);
        }

        Got.Enqueue(new ReceivedWebhook(body.ToArray(), context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString())));
    }
}
