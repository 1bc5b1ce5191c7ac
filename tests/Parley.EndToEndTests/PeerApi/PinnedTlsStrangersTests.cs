using System.Globalization;
using Parley.Client.PeerApi;
using Parley.Crypto.Tls;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.EndToEndTests.PeerApi;

/// <summary>curl, openssl and node on the other side of pinned TLS.</summary>
public sealed class PinnedTlsStrangersTests : IAsyncLifetime
{
    private const int CurlPinMismatch = 90;

    private readonly TempFolder _folder = new();
    private readonly TlsSide _server = new("server");
    private readonly TlsSide _client = new("client");
    private readonly LogSink _log = new();
    private TlsContext _context = null!;
    private PinnedSite _site = null!;

    private string Port => _site.Address.Port.ToString(CultureInfo.InvariantCulture);

    private string CurlPin => "sha256//" + Convert.ToBase64String(_server.Certificate.KeyHash);

    public async ValueTask InitializeAsync()
    {
        _context = TlsContext.ForServer(new TlsServerOptions
        {
            Identity = _server.Identity,
            ClientCertificates = TlsClientCertificates.Optional,
            IsPinned = _client.Pin.Matches,
        });
        _site = await PinnedSite.StartAsync(() => _context, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        _context.Dispose();
        _server.Dispose();
        _client.Dispose();
        _folder.Dispose();
        _log.Dispose();
    }

    [Theory]
    [InlineData("--http1.1", "HTTP/1.1 tls nobody\n")]
    [InlineData("--http2", "HTTP/2 tls nobody\n")]
    public async Task Curl_reaches_the_pinned_server(string version, string expected)
    {
        var outcome = await CurlAsync(version, "-k", "--pinnedpubkey", CurlPin, _site.Address.ToString());

        Assert.Equal((0, expected), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task Curl_with_the_pin_of_another_is_refused_by_itself()
    {
        var other = "sha256//" + Convert.ToBase64String(_client.Certificate.KeyHash);

        var outcome = await CurlAsync("-k", "--pinnedpubkey", other, _site.Address.ToString());

        Assert.Equal(CurlPinMismatch, outcome.ExitCode);
        Assert.Equal(0, _site.Requests);
    }

    [Fact]
    public async Task Curl_shows_its_own_certificate()
    {
        var (certificate, key) = Write(_client);

        var outcome = await CurlAsync("-k", "--pinnedpubkey", CurlPin, "--cert", certificate, "--key", key, _site.Address.ToString());

        Assert.Equal($"HTTP/2 tls {_client.Pin}\n", outcome.Output);
    }

    [Fact]
    public async Task T1_T2_curl_of_TLS_1_2_and_of_plain_HTTP_is_refused()
    {
        var old = await CurlAsync("-k", "--tls-max", "1.2", _site.Address.ToString());
        var plain = await CurlAsync(_site.Address.ToString().Replace("https:", "http:", StringComparison.Ordinal));

        Assert.NotEqual(0, old.ExitCode);
        Assert.NotEqual(0, plain.ExitCode);
        Assert.Equal(0, _site.Requests);
    }

    [Fact]
    public async Task Openssl_sees_TLS_1_3_with_an_Ed25519_certificate()
    {
        var outcome = await ClientAsync("-tls1_3", "-alpn", "http/1.1");

        Assert.Contains("New, TLSv1.3, Cipher is", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Peer signature type: Ed25519", outcome.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("ALPN protocol: http/1.1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Openssl_of_TLS_1_2_is_refused_with_the_alert_that_says_so()
    {
        var outcome = await ClientAsync("-tls1_2");

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("alert protocol version", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Openssl_resumes_its_session()
    {
        var session = _folder.PathOf("session.pem");

        await ClientAsync("-tls1_3", "-sess_out", session);
        var outcome = await ClientAsync("-tls1_3", "-sess_in", session);

        Assert.Contains("Reused, TLSv1.3", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_reaches_the_pinned_server_and_refuses_another()
    {
        var node = Requires.Program("node");
        var fingerprint = _server.Pin.ToString()["SHA256:".Length..];

        var right = await RealProcess.RunAsync(node, [Script("pinned-client.mjs"), Port, fingerprint]);
        var wrong = await RealProcess.RunAsync(node, [Script("pinned-client.mjs"), Port, _client.Pin.ToString()["SHA256:".Length..]]);

        Assert.Equal("TLSv1.3\n200 hello from node\n", right.Output);
        Assert.Contains("another certificate", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(1, _site.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task We_reach_a_pinned_node(bool isMutual)
    {
        await using var node = StartNode(isMutual);
        var address = await AddressAsync(node);
        using var http = Http(_server.Pin, isMutual ? _client : null);

        var first = await http.GetStringAsync(address);
        var second = await http.GetStringAsync(address);

        Assert.Equal($"TLSv1.3 {(isMutual ? _client.Pin.ToString()["SHA256:".Length..] : "nobody")}\n", first);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_node_with_another_certificate_gets_no_request()
    {
        await using var node = StartNode(isMutual: true);
        var address = await AddressAsync(node);
        using var http = Http(_client.Pin, _client);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(address));
        await node.WaitForOutputAsync("refused");

        Assert.Equal(TlsFault.PinMismatch, Assert.IsType<TlsException>(exception.InnerException).Fault);
        Assert.DoesNotContain("request", node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_guides_commands_make_files_that_serve()
    {
        var openssl = Requires.Program("openssl");
        var (certificate, key) = (_folder.PathOf("identity.crt"), _folder.PathOf("identity.tls.key"));
        var made = await RealProcess.RunAsync(
            openssl, ["req", "-x509", "-newkey", "ed25519", "-keyout", key, "-out", certificate, "-days", "3650", "-nodes", "-subj", "/CN=here"]);
        var printed = await RealProcess.RunAsync(openssl, ["x509", "-in", certificate, "-fingerprint", "-sha256", "-noout"]);

        using var identity = TlsIdentity.FromPem(await File.ReadAllTextAsync(certificate), await File.ReadAllTextAsync(key));
        using var context = TlsContext.ForServer(new TlsServerOptions { Identity = identity });
        await using var site = await PinnedSite.StartAsync(() => context, _log);
        using var http = Http(CertificatePin.Parse(printed.Output), null);

        Assert.Equal(0, made.ExitCode);
        Assert.Equal("HTTP/1.1 tls nobody\n", await http.GetStringAsync(site.Address));
    }

    private static string Script(string name) => Path.Combine(RepositoryFiles.Root, "tests", "Parley.EndToEndTests", "node", name);

    private static Task<ProcessOutcome> CurlAsync(params string[] arguments) => RealProcess.RunAsync(Requires.Program("curl"), ["-sS", "--max-time", "30", .. arguments]);

    private static async Task<Uri> AddressAsync(RealProcess node) => new($"https://127.0.0.1:{(await node.WaitForOutputAsync("port "))["port ".Length..]}/");

    private static HttpClient Http(CertificatePin pin, TlsSide? side) =>
        new(new PinnedHttpHandler(TlsContext.ForClient(new TlsClientOptions { Pins = [pin], Identity = side?.Identity }), TimeSpan.FromSeconds(30)));

    // It goes on until the server closes the connection, which "Connection: close" asks for.
    private Task<ProcessOutcome> ClientAsync(params string[] arguments) => RealProcess.RunAsync(
        Requires.Program("openssl"),
        ["s_client", "-connect", $"127.0.0.1:{Port}", "-ign_eof", .. arguments],
        "GET / HTTP/1.1\r\nHost: peer\r\nConnection: close\r\n\r\n");

    private RealProcess StartNode(bool isMutual)
    {
        var (certificate, key) = Write(_server);
        string[] arguments = [Script("pinned-server.mjs"), certificate, key];
        return RealProcess.Start(Requires.Program("node"), isMutual ? [.. arguments, "ask"] : arguments);
    }

    private (string Certificate, string Key) Write(TlsSide side)
    {
        var (certificate, key) = (_folder.PathOf("side.crt"), _folder.PathOf("side.key"));
        File.WriteAllText(certificate, side.Certificate.ToPem());
        File.WriteAllText(key, side.KeyPem);
        return (certificate, key);
    }
}
