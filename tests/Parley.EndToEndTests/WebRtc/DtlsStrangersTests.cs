using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Parley.Crypto.Dtls;
using Parley.Testing;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>Our DTLS and the openssl program's.</summary>
public sealed class DtlsStrangersTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DtlsCertificate _certificate = DtlsCertificate.Make(TimeProvider.System);
    private readonly string _openssl = Requires.Program("openssl");

    [Theory]
    [InlineData("ec", "ec_paramgen_curve:prime256v1", 0xC02B)]
    [InlineData("rsa", "rsa_keygen_bits:2048", 0xC02F)]
    public async Task Our_client_talks_to_s_server(string algorithm, string option, int suite)
    {
        var fingerprint = await MakeCertificateAsync(algorithm, option);
        var port = LoopbackPorts.Take();
        await using var server = RealProcess.Start(
            _openssl, ["s_server", "-dtls1_2", "-accept", $"127.0.0.1:{port}", "-cert", "c.pem", "-key", "k.pem", "-Verify", "1", "-quiet"], folder: _folder.FullPath, keepInput: true);
        using var end = new DtlsUdpEnd(DtlsRole.Client, _certificate, fingerprint, new IPEndPoint(IPAddress.Loopback, port));

        await end.UntilAsync(() => end.Connection.State == DtlsState.Connected);
        end.Send("from parley\n");
        await end.UntilAsync(() => server.Output.Contains("from parley", StringComparison.Ordinal));
        await server.WriteAsync("from openssl\n");

        await end.UntilAsync(() => end.Heard.Contains("from openssl", StringComparison.Ordinal));
        Assert.Equal(suite, end.Connection.CipherSuite);
    }

    [Fact]
    public async Task Our_server_talks_to_s_client()
    {
        var fingerprint = await MakeCertificateAsync("ec", "ec_paramgen_curve:prime256v1");
        using var end = new DtlsUdpEnd(DtlsRole.Server, _certificate, fingerprint);
        await using var client = RealProcess.Start(
            _openssl, ["s_client", "-dtls1_2", "-connect", $"127.0.0.1:{end.Port}", "-cert", "c.pem", "-key", "k.pem", "-quiet", "-no_ign_eof"], folder: _folder.FullPath, keepInput: true);

        await end.UntilAsync(() => end.Connection.State == DtlsState.Connected);
        await client.WriteAsync("from openssl\n");
        await end.UntilAsync(() => end.Heard.Contains("from openssl", StringComparison.Ordinal));
        end.Send("from parley\n");
        await end.UntilAsync(() => client.Output.Contains("from parley", StringComparison.Ordinal));
        client.CloseInput();

        await end.UntilAsync(() => end.Connection.State == DtlsState.Closed);
    }

    [Fact]
    public async Task A_stranger_with_another_certificate_is_refused()
    {
        await MakeCertificateAsync("ec", "ec_paramgen_curve:prime256v1");
        using var end = new DtlsUdpEnd(DtlsRole.Server, _certificate, new byte[32]);
        await using var client = RealProcess.Start(
            _openssl, ["s_client", "-dtls1_2", "-connect", $"127.0.0.1:{end.Port}", "-cert", "c.pem", "-key", "k.pem"], folder: _folder.FullPath, keepInput: true);

        await end.UntilAsync(() => end.Connection.State == DtlsState.Failed);

        Assert.Equal(DtlsFault.OtherCertificate, end.Connection.Fault);
        await end.UntilAsync(() => client.Error.Contains("bad certificate", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(DtlsFault.OldVersion, "-dtls1", "-cipher", "ALL:@SECLEVEL=0")]
    [InlineData(DtlsFault.NoCommonParameters, "-dtls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA")]
    public async Task What_is_too_weak_is_refused(DtlsFault fault, params string[] options)
    {
        var fingerprint = await MakeCertificateAsync("ec", "ec_paramgen_curve:prime256v1");
        using var end = new DtlsUdpEnd(DtlsRole.Server, _certificate, fingerprint);
        await using var client = RealProcess.Start(
            _openssl, ["s_client", .. options, "-connect", $"127.0.0.1:{end.Port}", "-cert", "c.pem", "-key", "k.pem"], folder: _folder.FullPath, keepInput: true);

        await end.UntilAsync(() => end.Connection.State == DtlsState.Failed);

        Assert.Equal(fault, end.Connection.Fault);
    }

    [Fact]
    public async Task A_stranger_without_the_extended_master_secret_is_refused()
    {
        var fingerprint = await MakeCertificateAsync("ec", "ec_paramgen_curve:prime256v1");
        await File.WriteAllTextAsync(
            _folder.PathOf("openssl.cnf"), "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = old\n[old]\nOptions = -ExtendedMasterSecret\n", TestContext.Current.CancellationToken);
        using var end = new DtlsUdpEnd(DtlsRole.Server, _certificate, fingerprint);
        await using var client = RealProcess.Start(
            _openssl,
            ["s_client", "-dtls1_2", "-connect", $"127.0.0.1:{end.Port}", "-cert", "c.pem", "-key", "k.pem"],
            new Dictionary<string, string?> { ["OPENSSL_CONF"] = _folder.PathOf("openssl.cnf") },
            _folder.FullPath,
            keepInput: true);

        await end.UntilAsync(() => end.Connection.State == DtlsState.Failed);

        Assert.Equal(DtlsFault.NoCommonParameters, end.Connection.Fault);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused()
    {
        using var end = new DtlsUdpEnd(DtlsRole.Server, _certificate, new byte[32]);
        await using var client = RealProcess.Start(_openssl, ["s_client", "-dtls1_2", "-connect", $"127.0.0.1:{end.Port}"], keepInput: true);

        await end.UntilAsync(() => end.Connection.State == DtlsState.Failed);

        Assert.Equal(DtlsFault.CertificateMissing, end.Connection.Fault);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _folder.Dispose();
    }

    private async Task<byte[]> MakeCertificateAsync(string algorithm, string option)
    {
        var made = await RealProcess.RunAsync(
            _openssl, ["req", "-x509", "-newkey", algorithm, "-pkeyopt", option, "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-subj", "/CN=stranger", "-days", "2"], folder: _folder.FullPath);
        Assert.True(made.ExitCode == 0, made.Error);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(_folder.PathOf("c.pem"));
        return certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
    }

    /// <summary>One DTLS connection on one socket.</summary>
    private sealed class DtlsUdpEnd : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly byte[] _room = new byte[ushort.MaxValue];
        private readonly StringBuilder _heard = new();
        private readonly long _start = TimeProvider.System.GetTimestamp();
        private EndPoint? _peer;

        public DtlsUdpEnd(DtlsRole role, DtlsCertificate certificate, byte[] fingerprint, EndPoint? peer = null)
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _peer = peer;
            Connection = new DtlsConnection(new DtlsOptions { Role = role, Certificate = certificate, PeerFingerprints = [fingerprint], FirstTimeout = TimeSpan.FromMilliseconds(100) });
            if (role == DtlsRole.Client)
            {
                Connection.Start(Now);
            }
        }

        public DtlsConnection Connection { get; }

        public string Heard => _heard.ToString();

        public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

        private TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

        public void Send(string text)
        {
            var length = Connection.Send(Encoding.UTF8.GetBytes(text), _room);
            _socket.SendTo(_room.AsSpan(0, length), _peer!);
        }

        public Task UntilAsync(Func<bool> condition) => Deadline.UntilAsync(
            () =>
            {
                Step();
                return condition();
            },
            () => $"{Connection.State} {Connection.Fault} {Connection.FailureReason} heard: {Heard}");

        public void Dispose()
        {
            Connection.Dispose();
            _socket.Dispose();
        }

        private void Step()
        {
            while (_socket.Available > 0)
            {
                try
                {
                    EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                    var length = _socket.ReceiveFrom(_room, ref from);
                    _peer ??= from;
                    Connection.Receive(_room.AsSpan(0, length), Now);
                }
                catch (SocketException)
                {
                    // The stranger is not there yet.
                }
            }

            while (Connection.TryRead(out var record))
            {
                _heard.Append(Encoding.UTF8.GetString(record));
            }

            if (Connection.NextTimeout <= Now)
            {
                Connection.HandleTimeout(Now);
            }

            for (int length; (length = Connection.Poll(_room)) > 0;)
            {
                try
                {
                    _socket.SendTo(_room.AsSpan(0, length), _peer!);
                }
                catch (SocketException)
                {
                }
            }
        }
    }
}
