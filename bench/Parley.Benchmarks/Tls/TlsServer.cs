using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.PeerApi;
using Parley.Crypto.Tls;

namespace Parley.Benchmarks.Tls;

/// <summary>Kestrel with nothing behind it but TLS 1.3: .NET's own, or ours. Runs as a process of its own, from the benchmark's executable.</summary>
internal static class TlsServer
{
    /// <summary>The argument that makes the benchmark this server; port, certificate file, key file and the kind follow.</summary>
    public const string Verb = "bare-tls";

    /// <summary>The kind that uses ours.</summary>
    public const string Pinned = "pinned";

    /// <summary>Serves until the process is killed.</summary>
    public static async Task RunAsync(int port, string certificateFile, string keyFile, string kind)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port, listen => Secure(listen, certificateFile, keyFile, kind));
        });
        await using var application = builder.Build();
        application.Run(context =>
        {
            context.Response.ContentLength = 0;
            return Task.CompletedTask;
        });
        await application.RunAsync();
    }

    /// <summary>The arguments that start it.</summary>
    public static string[] Arguments(int port, string certificateFile, string keyFile, string kind) =>
        [Verb, port.ToString(CultureInfo.InvariantCulture), certificateFile, keyFile, kind];

    private static void Secure(ListenOptions listen, string certificateFile, string keyFile, string kind)
    {
        if (kind == Pinned)
        {
            var identity = TlsIdentity.FromPem(File.ReadAllText(certificateFile), File.ReadAllText(keyFile));
            var context = TlsContext.ForServer(new TlsServerOptions { Identity = identity });
            new PinnedTlsListening(() => context, PinnedTlsListening.DefaultHandshakeTimeout, TimeProvider.System, NullLogger<PinnedTlsListening>.Instance).AddTo(listen);
            return;
        }

        listen.UseHttps(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), https => https.SslProtocols = SslProtocols.Tls13);
    }
}
