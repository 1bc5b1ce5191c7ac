using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi;
using Parley.Crypto.Tls;

namespace Parley.Testing.Tls;

/// <summary>A real Kestrel on a loopback port behind pinned TLS, which says what it saw.</summary>
/// <remarks>GET / answers protocol, scheme and the client's pin (or <c>nobody</c>) in one line; POST / answers with the body it got.</remarks>
public sealed class PinnedSite : IAsyncDisposable
{
    private readonly WebApplication _application;

    private PinnedSite(WebApplication application) => _application = application;

    /// <summary>Where it listens: <c>https://127.0.0.1:PORT/</c>.</summary>
    public Uri Address => new(_application.Urls.Single().Replace("http://", "https://", StringComparison.Ordinal));

    /// <summary>Requests that reached it.</summary>
    public int Requests { get; private set; }

    /// <summary>Starts it.</summary>
    /// <param name="context">The context for a new connection.</param>
    /// <param name="log">Where it logs.</param>
    /// <param name="timeProvider">The clock of the handshake's limit; null = the system's.</param>
    public static async Task<PinnedSite> StartAsync(Func<TlsContext> context, LogSink log, TimeProvider? timeProvider = null)
    {
        var tls = new PinnedTlsListening(context, PinnedTlsListening.DefaultHandshakeTimeout, timeProvider ?? TimeProvider.System, log.Factory.CreateLogger<PinnedTlsListening>());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(log.Factory);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AllowAlternateSchemes = true;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, tls.AddTo);
        });
        var site = new PinnedSite(builder.Build());
        site._application.Run(site.AnswerAsync);
        await site._application.StartAsync();
        return site;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        Requests++;
        if (HttpMethods.IsPost(http.Request.Method))
        {
            // First all of it: an HTTP/1.1 client reads nothing before it has sent everything.
            using var body = new MemoryStream();
            try
            {
                await http.Request.Body.CopyToAsync(body);
            }
            catch (IOException)
            {
                // The client went away amid its question.
                http.Abort();
                return;
            }

            http.Response.ContentLength = body.Length;
            await http.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length));
            return;
        }

        var shown = await http.Connection.GetClientCertificateAsync();
        var pin = http.Features.Get<Ed25519Certificate>()?.ToString();
        var isSame = (shown is null) == (pin is null);
        await http.Response.WriteAsync($"{http.Request.Protocol} {(http.Features.Get<ITlsConnectionFeature>() is null ? "clear" : "tls")} {(isSame ? pin ?? "nobody" : "confused")}\n");
    }
}
