using Parley.Crypto.Tls;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.Tests.Tls;

public sealed class PinnedHandshakeTests : IDisposable
{
    private readonly TlsSide _server = new("server");
    private readonly TlsSide _client = new("client");
    private readonly List<IDisposable> _open = [];

    [Fact]
    public async Task T3_the_pinned_certificate_is_let_in()
    {
        await using var pair = await TlsPair.ConnectAsync(Client(_server.Pin), Server());

        Assert.Equal(_server.Certificate.Der.ToArray(), pair.Client.PeerCertificate?.Der.ToArray());
        Assert.Null(pair.Server.PeerCertificate);
        Assert.Equal(0x1302, pair.Client.CipherSuite);
        Assert.False(pair.Client.IsResumed);
    }

    [Fact]
    public async Task The_pinned_key_is_let_in()
    {
        await using var pair = await TlsPair.ConnectAsync(Client(CertificatePin.OfKey(_server.Certificate)), Server());

        Assert.NotNull(pair.Client.PeerCertificate);
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_is_refused_by_the_client_and_the_server_is_told()
    {
        var (client, server) = await TlsPair.FailAsync(Client(_client.Pin), Server());

        Assert.Equal(TlsFault.PinMismatch, client);
        Assert.Equal(TlsFault.CertificateRejected, server);
    }

    [Fact]
    public async Task T4_nothing_is_sent_to_a_server_that_is_not_the_pinned_one_but_hello_and_alert()
    {
        using var wire = new DuplexPair();
        using var server = new TlsEngine(Server(), null);
        var connecting = PinnedTlsStream.AuthenticateAsync(wire.Left, Client(_client.Pin));
        var buffer = new byte[16 * 1024];
        server.Feed(buffer.AsSpan(0, await wire.Right.ReadAsync(buffer)));
        Assert.False(server.Handshake());
        var answer = new byte[server.OutputLength];
        server.Take(answer);

        await wire.Right.WriteAsync(answer);
        await Assert.ThrowsAsync<TlsException>(() => connecting.WaitAsync(Deadline.Shared));
        var after = await ReadToEndAsync(wire.Right);

        // One change_cipher_spec of 6 bytes, one encrypted alert of 24 (5 header, 2 alert, 1 type, 16 tag): no certificate, no Finished, no data.
        Assert.InRange(after, 7, 6 + 24);
    }

    [Fact]
    public void T6_W3_nobody_is_talked_to_without_a_pin()
    {
        var client = Assert.Throws<TlsException>(() => TlsContext.ForClient(new TlsClientOptions { Pins = [] }));
        var server = Assert.Throws<TlsException>(() => TlsContext.ForServer(new TlsServerOptions { Identity = _server.Identity, ClientCertificates = TlsClientCertificates.Required }));

        Assert.Equal((TlsFault.NoPin, TlsFault.NoPin), (client.Fault, server.Fault));
    }

    [Fact]
    public async Task Both_ends_know_each_other_where_the_server_asks()
    {
        var server = Server(TlsClientCertificates.Required, _client.Pin);

        await using var pair = await TlsPair.ConnectAsync(Client(_server.Pin, _client), server);

        Assert.Equal(_client.Certificate.Der.ToArray(), pair.Server.PeerCertificate?.Der.ToArray());
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused_where_one_is_demanded_and_told_so()
    {
        var (client, server) = await TlsPair.FailAsync(Client(_server.Pin), Server(TlsClientCertificates.Required, _client.Pin));

        Assert.Equal(TlsFault.CertificateMissing, server);
        Assert.Equal(TlsFault.CertificateRequired, client);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_let_in_where_one_is_only_asked_for()
    {
        await using var pair = await TlsPair.ConnectAsync(Client(_server.Pin), Server(TlsClientCertificates.Optional, _client.Pin));

        Assert.Null(pair.Server.PeerCertificate);
    }

    [Theory]
    [InlineData(TlsClientCertificates.Optional)]
    [InlineData(TlsClientCertificates.Required)]
    public async Task A_client_with_another_certificate_is_refused_and_told_so(TlsClientCertificates mode)
    {
        using var stranger = new TlsSide("stranger");

        var (client, server) = await TlsPair.FailAsync(Client(_server.Pin, stranger), Server(mode, _client.Pin));

        Assert.Equal(TlsFault.PinMismatch, server);
        Assert.Equal(TlsFault.CertificateRejected, client);
    }

    [Theory]
    [InlineData(31, TlsFault.CertificateExpired)]
    [InlineData(-1, TlsFault.CertificateNotYetValid)]
    public async Task T7_a_pinned_certificate_outside_its_dates_is_refused(int days, TlsFault expected)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days));
        var late = Keep(TlsContext.ForClient(new TlsClientOptions { Pins = [_server.Pin], TimeProvider = clock }));

        var (client, server) = await TlsPair.FailAsync(late, Server());

        Assert.Equal(expected, client);
        Assert.Equal(TlsFault.CertificateRejected, server);
    }

    [Theory]
    [InlineData(new[] { "h2", "http/1.1" }, new[] { "http/1.1", "h2" }, "h2")]
    [InlineData(new[] { "h2", "http/1.1" }, new[] { "http/1.1" }, "http/1.1")]
    [InlineData(new[] { "h2", "http/1.1" }, new string[0], null)]
    [InlineData(new string[0], new[] { "http/1.1" }, null)]
    public async Task The_servers_first_protocol_that_the_client_offers_is_taken(string[] served, string[] offered, string? expected)
    {
        var server = Keep(TlsContext.ForServer(new TlsServerOptions { Identity = _server.Identity, Protocols = served }));
        var client = Keep(TlsContext.ForClient(new TlsClientOptions { Pins = [_server.Pin], Protocols = offered }));

        await using var pair = await TlsPair.ConnectAsync(client, server);

        Assert.Equal((expected, expected), (pair.Client.Protocol, pair.Server.Protocol));
    }

    [Fact]
    public async Task No_protocol_in_common_is_refused_and_told_to_both()
    {
        var client = Keep(TlsContext.ForClient(new TlsClientOptions { Pins = [_server.Pin], Protocols = ["imap"] }));

        var faults = await TlsPair.FailAsync(client, Server());

        Assert.Equal((TlsFault.NoCommonProtocol, TlsFault.NoCommonProtocol), faults);
    }

    [Fact]
    public void The_list_of_protocols_is_searched_within_its_bounds()
    {
        var name = "h2"u8.ToArray();

        Fuzz.Run(63, Fuzz.Count, random => Fuzz.Mutate(random, AlpnOffer.Write(["http/1.1", "h2", "h3"])), offer =>
        {
            var at = AlpnOffer.Find(offer, name);
            Assert.True(at == -1 || offer.AsSpan(at, 2).SequenceEqual(name));
        });
    }

    public void Dispose()
    {
        _open.ForEach(one => one.Dispose());
        _server.Dispose();
        _client.Dispose();
    }

    private static async Task<int> ReadToEndAsync(Stream stream)
    {
        var (buffer, total) = (new byte[4096], 0);
        for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
        {
            total += count;
        }

        return total;
    }

    private TlsContext Server(TlsClientCertificates mode = TlsClientCertificates.None, CertificatePin? pin = null) =>
        Keep(TlsContext.ForServer(new TlsServerOptions { Identity = _server.Identity, ClientCertificates = mode, IsPinned = pin is null ? null : pin.Matches }));

    private TlsContext Client(CertificatePin pin, TlsSide? side = null) =>
        Keep(TlsContext.ForClient(new TlsClientOptions { Pins = [pin], Identity = side?.Identity }));

    private TlsContext Keep(TlsContext context)
    {
        _open.Add(context);
        return context;
    }
}
