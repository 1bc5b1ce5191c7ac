using Parley.Hub.Identity.Keys;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.HubLink;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.HubTests.Identity;

public sealed class HubTlsTests : IAsyncLifetime
{
    private readonly TempFolder _temp = new();
    private readonly HubKeySeen _seen = new();
    private HubKey _hub = null!;
    private WebApplication _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Uri Address => new(_server.Urls.First());

    public async ValueTask InitializeAsync()
    {
        _hub = Open(_temp.FullPath);
        _server = await StartAsync(listen => listen.UseHttps(_hub.Certificate!.ToKestrel()));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_pinned_hub_is_trusted_over_HTTP_2_and_both_ends_name_the_same_key()
    {
        using var client = Client(_hub.Pin);

        var response = await client.SendAsync(Request(), Cancellation);

        var served = await response.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal(_hub.Pin!.Value.ToHash(), _seen.Hash.ToArray());
        Assert.Equal(_seen.Hash.ToArray(), served);
    }

    [Fact]
    public async Task Another_key_than_the_pinned_one_is_refused()
    {
        using var client = Client(SpkiPin.FromHash(new byte[32]));

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(Request(), Cancellation));

        Assert.Equal(ErrorCode.PinMismatch, HubHandler.Explain(failure, Address, _seen).Code);
        Assert.True(_seen.Hash.IsEmpty);
    }

    [Fact]
    public async Task A_self_made_certificate_without_pin_is_refused()
    {
        using var client = Client(null);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(Request(), Cancellation));

        Assert.Equal(ErrorCode.HubUnreachable, HubHandler.Explain(failure, Address, _seen).Code);
        Assert.True(_seen.Hash.IsEmpty);
    }

    [Fact]
    public async Task A_renewed_certificate_keeps_the_pin()
    {
        var renewed = Open(_temp.FullPath, "hub.example");
        await using var server = await StartAsync(listen => listen.UseHttps(renewed.Certificate!.ToKestrel()));
        using var client = Client(server, _hub.Pin);

        using var response = await client.GetAsync(server.Urls.First(), Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual(_hub.Certificate!.Current.Context.TargetCertificate, renewed.Certificate!.Current.Context.TargetCertificate);
    }

    [Fact]
    public async Task Without_TLS_there_is_no_key_on_either_end()
    {
        await using var server = await StartAsync(_ => { });
        using var client = Client(server, null);

        var served = await client.GetByteArrayAsync(server.Urls.First(), Cancellation);

        Assert.Empty(served);
        Assert.True(_seen.Hash.IsEmpty);
    }

    [Fact]
    public async Task Changed_certificate_files_are_served_to_new_connections_without_a_restart()
    {
        var (first, second) = (Open(_temp.PathOf("first")), Open(_temp.PathOf("second")));
        var time = new SteppedTime();
        var file = Path.Combine(_temp.PathOf("first"), SelfMadeCertificate.FileName);
        var files = new CertificateFiles(file, file, time, NullLogger<CertificateFiles>.Instance);
        await using var server = await StartAsync(listen => listen.UseHttps(files.ToKestrel()));
        using var before = Client(server, first.Pin);
        using var after = Client(server, second.Pin);

        var served = await before.GetByteArrayAsync(server.Urls.First(), Cancellation);
        File.Copy(Path.Combine(_temp.PathOf("second"), SelfMadeCertificate.FileName), file, overwrite: true);
        time.Step(TimeSpan.FromSeconds(1));
        var servedLater = await after.GetByteArrayAsync(server.Urls.First(), Cancellation);

        Assert.Equal(first.Pin!.Value.ToHash(), served);
        Assert.Equal(second.Pin!.Value.ToHash(), servedLater);
    }

    [Fact]
    public void A_hub_that_is_not_there_is_told_as_unreachable()
    {
        var failure = new HttpRequestException(HttpRequestError.ConnectionError, "refused");

        var refusal = HubHandler.Explain(failure, new Uri("https://hub.example:7420"), _seen);

        Assert.Equal((ErrorCode.HubUnreachable, "The hub at hub.example:7420 cannot be reached."), (refusal.Code, refusal.Message));
    }

    private static HubKey Open(string folder, string? publicHost = null) =>
        HubKey.Open(folder, TlsOptions.Self, publicHost, TimeProvider.System, RandomNumberGenerator.Fill, NullLoggerFactory.Instance);

    private static async Task<WebApplication> StartAsync(Action<ListenOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, configure));
        var server = builder.Build();
        server.Run(context => context.Response.Body.WriteAsync(ServedCertificate.KeyHashOf(context)).AsTask());
        await server.StartAsync(Cancellation);
        return server;
    }

    private HttpClient Client(SpkiPin? pin) => Client(_server, pin);

    private HttpClient Client(WebApplication server, SpkiPin? pin) => new(HubHandler.Make(new Uri(server.Urls.First()), pin, _seen));

    private HttpRequestMessage Request() =>
        new(HttpMethod.Get, Address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public void Step(TimeSpan span) => Interlocked.Add(ref _ticks, span.Ticks);
    }
}
