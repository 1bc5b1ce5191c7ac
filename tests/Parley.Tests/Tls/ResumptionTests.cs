using Parley.Crypto.Tls;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.Tests.Tls;

public sealed class ResumptionTests : IDisposable
{
    private readonly TlsSide _server = new("server");
    private readonly TlsSide _client = new("client");
    private bool _isClientPinned = true;

    [Fact]
    public async Task A_client_that_comes_back_resumes_each_time()
    {
        using var server = Server(TlsClientCertificates.None);
        using var client = Client();
        var resumed = new List<bool>();

        for (var i = 0; i < 4; i++)
        {
            resumed.Add(await TalkAsync(client, server));
        }

        Assert.Equal([false, true, true, true], resumed);
    }

    [Fact]
    public async Task Both_ends_still_know_each_other_on_a_resumed_session()
    {
        using var server = Server(TlsClientCertificates.Required);
        using var client = Client();
        await TalkAsync(client, server);

        await using var pair = await TlsPair.ConnectAsync(client, server);

        Assert.True(pair.Server.IsResumed);
        Assert.Equal(_client.Pin, CertificatePin.Of(pair.Server.PeerCertificate!));
        Assert.Equal(_server.Pin, CertificatePin.Of(pair.Client.PeerCertificate!));
    }

    [Fact]
    public async Task A_client_whose_pin_was_removed_is_not_resumed_but_refused()
    {
        using var server = Server(TlsClientCertificates.Required);
        using var client = Client();
        await TalkAsync(client, server);
        _isClientPinned = false;

        var faults = await TlsPair.FailAsync(client, server);

        Assert.Equal((TlsFault.CertificateRejected, TlsFault.PinMismatch), faults);
    }

    [Fact]
    public async Task A_server_whose_certificate_expired_meanwhile_is_refused_on_a_resumed_session()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var server = Server(TlsClientCertificates.None);
        using var client = Client(clock);
        await TalkAsync(client, server);
        clock.Advance(TimeSpan.FromDays(31));

        var (fault, _) = await TlsPair.FailAsync(client, server);

        Assert.Equal(TlsFault.CertificateExpired, fault);
    }

    [Fact]
    public async Task A_server_with_new_ticket_keys_makes_a_full_handshake()
    {
        using var client = Client();
        using (var before = Server(TlsClientCertificates.Required))
        {
            await TalkAsync(client, before);
        }

        using var after = Server(TlsClientCertificates.Required);

        Assert.False(await TalkAsync(client, after));
        Assert.True(await TalkAsync(client, after));
    }

    [Fact]
    public async Task A_client_that_shall_not_resume_does_not()
    {
        using var server = Server(TlsClientCertificates.None);
        using var client = TlsContext.ForClient(new TlsClientOptions { Pins = [_server.Pin], ResumesSessions = false });

        await TalkAsync(client, server);

        Assert.False(await TalkAsync(client, server));
    }

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
    }

    // The ticket comes after the handshake, so the client must have read something.
    private static async Task<bool> TalkAsync(TlsContext client, TlsContext server)
    {
        await using var pair = await TlsPair.ConnectAsync(client, server);
        await pair.Server.WriteAsync("hello"u8.ToArray());
        await pair.Client.ReadExactlyAsync(new byte[5]).AsTask().WaitAsync(Deadline.Shared);
        Assert.Equal(pair.Client.IsResumed, pair.Server.IsResumed);
        return pair.Client.IsResumed;
    }

    private TlsContext Server(TlsClientCertificates mode) => TlsContext.ForServer(
        new TlsServerOptions { Identity = _server.Identity, ClientCertificates = mode, IsPinned = certificate => _isClientPinned && _client.Pin.Matches(certificate) });

    private TlsContext Client(TimeProvider? timeProvider = null) => TlsContext.ForClient(
        new TlsClientOptions { Pins = [_server.Pin], Identity = _client.Identity, TimeProvider = timeProvider ?? TimeProvider.System });
}
