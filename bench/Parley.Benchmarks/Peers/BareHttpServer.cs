using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using System.Net;

namespace Parley.Benchmarks.Peers;

/// <summary>The floor under every HTTP door: Kestrel with nothing behind it. Runs as a process of its own, from the benchmark's executable.</summary>
internal static class BareHttpServer
{
    /// <summary>The argument that makes the benchmark this server; the port follows.</summary>
    public const string Verb = "bare-http";

    /// <summary>A path whose request is held until the client goes.</summary>
    public const string HoldPath = "/hold";

    /// <summary>Serves until the process is killed.</summary>
    public static async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        await using var application = builder.Build();
        application.Run(AnswerAsync);
        await application.RunAsync();
    }

    private static Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == HoldPath)
        {
            var gone = new TaskCompletionSource();
            context.RequestAborted.Register(() => gone.TrySetResult());
            return gone.Task;
        }

        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
