using System.Net;
using System.Net.WebSockets;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Protocol.Messaging;

namespace Parley.Client.Calls;

/// <summary>Serves the page of one call to one browser window of this machine, and ends with the call.</summary>
/// <remarks>
/// On loopback, on a port that the system picks, under a path of 256 random bits. Other names for this machine are refused (a foreign page cannot make a browser speak to it), and so are
/// links from other pages' scripts; the second window is refused as well.
/// </remarks>
internal sealed class CallPage : IAsyncDisposable
{
    private const int SecretBytes = 32;

    private static readonly Dictionary<string, (string Resource, string Type)> _files = new(StringComparer.Ordinal)
    {
        [string.Empty] = ("index.html", "text/html; charset=utf-8"),
        ["call.js"] = ("call.js", "text/javascript; charset=utf-8"),
        ["negotiation.js"] = ("negotiation.js", "text/javascript; charset=utf-8"),
        ["own-media.js"] = ("own-media.js", "text/javascript; charset=utf-8"),
        ["call.css"] = ("call.css", "text/css; charset=utf-8"),
    };

    private readonly TaskCompletionSource<WebSocket> _window = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _application;
    private readonly string _path;
    private int _isTaken;

    private CallPage(WebApplication application, string path) => (_application, _path) = (application, path);

    /// <summary>What a browser opens. Whoever knows it can be this end's page until one has opened it.</summary>
    public Uri Address => new($"http://127.0.0.1:{new Uri(_application.Urls.Single()).Port}/{_path}/");

    /// <summary>The link of the window that opened the page.</summary>
    public Task<WebSocket> Window => _window.Task;

    /// <summary>Starts to serve.</summary>
    public static async Task<CallPage> StartAsync(FillRandom random, CancellationToken cancellationToken)
    {
        var secret = new byte[SecretBytes];
        random(secret);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // The framework's own lines would name the path.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 32;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var page = new CallPage(builder.Build(), Convert.ToHexStringLower(secret));
        page._application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15) });
        page._application.Run(page.ServeAsync);
        await page._application.StartAsync(cancellationToken);
        return page;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        _window.TrySetCanceled();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    private Task ServeAsync(HttpContext context)
    {
        var own = Address;
        var parts = context.Request.Path.Value?.Split('/') ?? [];
        var isOurs = context.Request.Host.Value == own.Authority && parts.Length == 3 &&
            CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(parts[1]), System.Text.Encoding.UTF8.GetBytes(_path));
        if (!isOurs)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return parts[2] == "link" ? LinkAsync(context, own) : SendAsync(context, parts[2], own);
    }

    private static async Task SendAsync(HttpContext context, string name, Uri own)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || !_files.TryGetValue(name, out var file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var headers = context.Response.Headers;
        headers.ContentType = file.Type;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(self), microphone=(self), display-capture=(self), geolocation=()";
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; media-src blob:; connect-src ws://{own.Authority}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        await using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("call/" + file.Resource)!;
        await resource.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task LinkAsync(HttpContext context, Uri own)
    {
        if (!context.WebSockets.IsWebSocketRequest || context.Request.Headers.Origin != own.GetLeftPart(UriPartial.Authority) || Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        _window.TrySetResult(socket);
        await _over.Task;
    }
}
