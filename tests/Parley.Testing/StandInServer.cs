using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Parley.Testing;

/// <summary>A real HTTP server on loopback that a test scripts. The request's text is <c>context.Items["body"]</c>.</summary>
internal sealed class StandInServer : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly WebApplication _application;

    private StandInServer(WebApplication application) => _application = application;

    public Uri Url { get; private set; } = null!;

    /// <summary>Bodies of the requests, in order.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Authorization headers of the requests, in order.</summary>
    public List<string> Authorizations { get; } = [];

    public static async Task<StandInServer> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        var server = new StandInServer(application);
        application.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            context.Items["body"] = body;
            int number;
            lock (server._gate)
            {
                server.Requests.Add(body);
                server.Authorizations.Add(context.Request.Headers.Authorization.ToString());
                number = server.Requests.Count;
            }

            await answer(context, number);
        });
        await application.StartAsync();
        server.Url = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public static async Task EventsAsync(HttpContext context, params string[] data)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var item in data)
        {
            await context.Response.WriteAsync($"data: {item}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }

    public static Task JsonAsync(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(json);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
