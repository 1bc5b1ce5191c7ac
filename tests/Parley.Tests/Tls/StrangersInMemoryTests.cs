using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Parley.Crypto.Tls;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.Tests.Tls;

/// <summary>Peers that are not ours: .NET's own TLS, plain HTTP, garbage.</summary>
public sealed class StrangersInMemoryTests : IDisposable
{
    private readonly TlsSide _side = new();
    private readonly TlsContext _server;
    private readonly TlsContext _client;

    public StrangersInMemoryTests()
    {
        _server = TlsContext.ForServer(new TlsServerOptions { Identity = _side.Identity });
        _client = TlsContext.ForClient(new TlsClientOptions { Pins = [_side.Pin] });
    }

    [Fact]
    public async Task The_systems_own_TLS_talks_to_our_server()
    {
        using var wire = new DuplexPair();
        var serving = PinnedTlsStream.AuthenticateAsync(wire.Right, _server);
        await using var stranger = new SslStream(wire.Left);
        await stranger.AuthenticateAsClientAsync(Options(SslProtocols.Tls13)).WaitAsync(Deadline.Shared);
        await using var stream = await serving;

        await stranger.WriteAsync("hello"u8.ToArray());
        var buffer = new byte[5];
        await stream.ReadExactlyAsync(buffer).AsTask().WaitAsync(Deadline.Shared);

        Assert.Equal("hello"u8.ToArray(), buffer);
        Assert.Equal(SslApplicationProtocol.Http11, stranger.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task T1_a_client_of_TLS_1_2_is_refused()
    {
        using var wire = new DuplexPair();
        await using var stranger = new SslStream(wire.Left);
        var connecting = stranger.AuthenticateAsClientAsync(Options(SslProtocols.Tls12));

        var exception = await Assert.ThrowsAsync<TlsException>(() => PinnedTlsStream.AuthenticateAsync(wire.Right, _server).WaitAsync(Deadline.Shared));

        Assert.Equal(TlsFault.OldVersion, exception.Fault);
        await Assert.ThrowsAsync<AuthenticationException>(() => connecting.WaitAsync(Deadline.Shared));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, TlsFault.OldVersion)]
    [InlineData(SslProtocols.Tls13, TlsFault.NoCommonParameters)]
    public async Task T1_a_server_of_TLS_1_2_or_of_another_kind_of_certificate_is_refused(SslProtocols protocol, TlsFault expected)
    {
        using var wire = new DuplexPair();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var stranger = new SslStream(wire.Right);
        var serving = stranger.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = protocol });

        var exception = await Assert.ThrowsAsync<TlsException>(() => PinnedTlsStream.AuthenticateAsync(wire.Left, _client).WaitAsync(Deadline.Shared));

        Assert.Equal(expected, exception.Fault);
        await Assert.ThrowsAnyAsync<Exception>(() => serving.WaitAsync(Deadline.Shared));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: peer\r\n\r\n")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: peer\r\n\r\n")]
    [InlineData("DELETE / HTTP/1.1\r\nHost: peer\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task What_is_no_TLS_is_refused_by_the_server_as_such(string text)
    {
        using var wire = new DuplexPair();
        await wire.Left.WriteAsync(Encoding.ASCII.GetBytes(text));

        var exception = await Assert.ThrowsAsync<TlsException>(() => PinnedTlsStream.AuthenticateAsync(wire.Right, _server).WaitAsync(Deadline.Shared));

        Assert.Equal(TlsFault.NotTls, exception.Fault);
    }

    [Fact]
    public async Task A_plain_HTTP_server_is_refused_by_the_client_as_such()
    {
        using var wire = new DuplexPair();
        var answering = wire.Right.WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray());

        var exception = await Assert.ThrowsAsync<TlsException>(() => PinnedTlsStream.AuthenticateAsync(wire.Left, _client).WaitAsync(Deadline.Shared));

        await answering;
        Assert.Equal(TlsFault.NotTls, exception.Fault);
    }

    [Fact]
    public async Task A_connection_that_ends_in_the_handshake_is_told_as_such()
    {
        using var wire = new DuplexPair();
        wire.Right.Dispose();

        var exception = await Assert.ThrowsAsync<TlsException>(() => PinnedTlsStream.AuthenticateAsync(wire.Left, _client).WaitAsync(Deadline.Shared));

        Assert.Equal(TlsFault.HandshakeCutOff, exception.Fault);
    }

    [Fact]
    public void Garbage_instead_of_a_handshake_is_refused_and_breaks_nothing()
    {
        using var client = new TlsEngine(_client, null);
        Assert.False(client.Handshake());
        var hello = new byte[client.OutputLength];
        client.Take(hello);

        Fuzz.Run(64, Fuzz.Count, random => random.Next(4) == 0 ? Fuzz.Bytes(random, 300) : Fuzz.Mutate(random, hello), bytes =>
        {
            using var server = new TlsEngine(_server, null);
            server.Feed(bytes);
            try
            {
                Assert.False(server.Handshake());
            }
            catch (TlsException exception)
            {
                Assert.NotEqual(TlsFault.PinMismatch, exception.Fault);
            }
        });
    }

    [Fact]
    public void Every_alert_has_a_sentence_that_ends_well()
    {
        var explained = Enumerable.Range(0, 256).Select(TlsAlert.Explain).ToList();

        Assert.All(explained, one => Assert.EndsWith(").", one.Message, StringComparison.Ordinal));
        Assert.Equal(TlsFault.CertificateRejected, explained[42].Fault);
        Assert.Equal(TlsFault.OldVersion, explained[70].Fault);
        Assert.Equal(TlsFault.CertificateRequired, explained[116].Fault);
        Assert.Equal(TlsFault.NoCommonProtocol, explained[120].Fault);
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _side.Dispose();
    }

    private SslClientAuthenticationOptions Options(SslProtocols protocols) => new()
    {
        TargetHost = "peer",
        EnabledSslProtocols = protocols,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null && _side.Certificate.Der.Span.SequenceEqual(certificate.GetRawCertData()),
    };
}
