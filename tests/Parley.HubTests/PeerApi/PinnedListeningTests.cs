using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Parley.Client.PeerApi;
using Parley.Crypto.Tls;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.HubTests.PeerApi;

/// <summary>Kestrel and HttpClient, both over pinned TLS.</summary>
public sealed class PinnedListeningTests : IDisposable
{
    private readonly TlsSide _server = new("server");
    private readonly TlsSide _client = new("client");
    private readonly LogSink _log = new();
    private readonly List<IDisposable> _open = [];

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task HTTP_1_1_and_HTTP_2_are_spoken_on_one_port(string version)
    {
        await using var site = await PinnedSite.StartAsync(Always(Server()), _log);
        using var http = Http(_server.Pin);

        var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, site.Address) { Version = new Version(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact });

        Assert.Equal(new Version(version), answer.Version);
        Assert.Equal($"HTTP/{(version == "2.0" ? "2" : version)} tls nobody\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Both_ends_know_each_other()
    {
        var server = TlsContext.ForServer(new TlsServerOptions { Identity = _server.Identity, ClientCertificates = TlsClientCertificates.Required, IsPinned = _client.Pin.Matches });
        await using var site = await PinnedSite.StartAsync(Always(Keep(server)), _log);
        using var http = Http(_server.Pin, _client);

        var answer = await http.GetStringAsync(site.Address);

        Assert.Equal($"HTTP/1.1 tls {_client.Pin}\n", answer);
    }

    [Fact]
    public async Task Large_bodies_come_back_whole()
    {
        await using var site = await PinnedSite.StartAsync(Always(Server()), _log);
        using var http = Http(_server.Pin);
        var body = RandomNumberGenerator.GetBytes(20 * 1024 * 1024);

        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => http.PostAsync(site.Address, new ByteArrayContent(body))));

        foreach (var answer in answers)
        {
            Assert.Equal(SHA256.HashData(body), SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
        }
    }

    [Fact]
    public async Task T4_no_request_reaches_a_server_that_is_not_the_pinned_one()
    {
        await using var site = await PinnedSite.StartAsync(Always(Server()), _log);
        using var http = Http(_client.Pin);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(site.Address));

        Assert.Equal(TlsFault.PinMismatch, Assert.IsType<TlsException>(exception.InnerException).Fault);
        Assert.Equal(0, site.Requests);
    }

    [Fact]
    public async Task T2_W3_plain_HTTP_is_neither_sent_nor_answered()
    {
        await using var site = await PinnedSite.StartAsync(Always(Server()), _log);
        using var pinned = Http(_server.Pin);
        using var plain = new HttpClient();
        var address = new UriBuilder(site.Address) { Scheme = "http" }.Uri;

        var sent = await Assert.ThrowsAsync<TlsException>(() => pinned.GetAsync(address));
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(address));

        Assert.Equal(TlsFault.NotTls, sent.Fault);
        Assert.Equal(0, site.Requests);
        Assert.Contains(_log.Lines, line => line.Text.Contains(nameof(TlsFault.NotTls), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_certificate_is_served_at_once_to_new_connections()
    {
        using var next = new TlsSide("next");
        var current = Server();
        await using var site = await PinnedSite.StartAsync(() => current, _log);
        using var before = Http(_server.Pin);
        await before.GetStringAsync(site.Address);

        current = Keep(TlsContext.ForServer(new TlsServerOptions { Identity = next.Identity }));
        using var after = Http(next.Pin);

        Assert.NotEmpty(await after.GetStringAsync(site.Address));
        Assert.NotEmpty(await before.GetStringAsync(site.Address));
    }

    [Fact]
    public async Task Who_makes_no_handshake_is_put_out()
    {
        var clock = new FakeTimeProvider();
        await using var site = await PinnedSite.StartAsync(Always(Server()), _log, clock);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, site.Address.Port);
        var waiting = socket.ReceiveAsync(new byte[1]);

        await Deadline.UntilAsync(
            () =>
            {
                clock.Advance(PinnedTlsListening.DefaultHandshakeTimeout);
                return waiting.IsCompleted;
            },
            "the end of the connection");

        Assert.Contains(_log.Lines, line => line.Text.Contains(nameof(TlsFault.HandshakeTimedOut), StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _open.ForEach(one => one.Dispose());
        _server.Dispose();
        _client.Dispose();
        _log.Dispose();
    }

    private static Func<TlsContext> Always(TlsContext context) => () => context;

    private TlsContext Server() => Keep(TlsContext.ForServer(new TlsServerOptions { Identity = _server.Identity }));

    private HttpClient Http(CertificatePin pin, TlsSide? side = null) =>
        new(new PinnedHttpHandler(Keep(TlsContext.ForClient(new TlsClientOptions { Pins = [pin], Identity = side?.Identity })), TimeSpan.FromSeconds(30)));

    private TlsContext Keep(TlsContext context)
    {
        _open.Add(context);
        return context;
    }
}
