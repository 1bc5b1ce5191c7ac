using Parley.Crypto.Dtls;

namespace Parley.Tests.Crypto.Dtls;

/// <summary>Two ends of DTLS and the wires between them, as good or bad as a test wants.</summary>
internal sealed class DtlsPair : IDisposable
{
    private readonly byte[] _room = new byte[4096];
    private readonly DtlsCertificate _clientCertificate = DtlsCertificate.Make(TimeProvider.System);
    private readonly DtlsCertificate _serverCertificate = DtlsCertificate.Make(TimeProvider.System);
    private readonly long _start = TimeProvider.System.GetTimestamp();

    /// <param name="clientExpects">In place of the server's fingerprint.</param>
    /// <param name="serverExpects">In place of the client's.</param>
    public DtlsPair(ReadOnlyMemory<byte>? clientExpects = null, ReadOnlyMemory<byte>? serverExpects = null)
    {
        Client = Make(DtlsRole.Client, _clientCertificate, clientExpects ?? _serverCertificate.Fingerprint);
        Server = Make(DtlsRole.Server, _serverCertificate, serverExpects ?? _clientCertificate.Fingerprint);
    }

    public DtlsConnection Client { get; }

    public DtlsConnection Server { get; }

    public ReadOnlyMemory<byte> ClientDer => _clientCertificate.Der;

    public ReadOnlyMemory<byte> ServerDer => _serverCertificate.Der;

    /// <summary>Every datagram of the handshake, with a number, becomes those that arrive.</summary>
    public Func<int, byte[], IEnumerable<byte[]>> Wire { get; set; } = (_, datagram) => [datagram];

    /// <summary>The datagram on the wire comes from the client.</summary>
    public bool IsFromClient { get; private set; }

    /// <summary>Datagrams that were put on the wires.</summary>
    public List<byte[]> Sent { get; } = [];

    public bool AreConnected => Client.State == DtlsState.Connected && Server.State == DtlsState.Connected;

    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    public static DtlsPair Connected()
    {
        var pair = new DtlsPair();
        pair.Exchange();
        Assert.True(pair.AreConnected, $"{pair.Client.FailureReason} {pair.Server.FailureReason}");
        return pair;
    }

    /// <summary>Begins, and moves what there is to move.</summary>
    public void Exchange()
    {
        Client.Start(Now);
        while (Move(Client, Server) | Move(Server, Client))
        {
        }
    }

    /// <summary>Goes on, with what comes of time, until something is so.</summary>
    public Task UntilAsync(Func<bool> condition) => Parley.Testing.Deadline.UntilAsync(
        () =>
        {
            Exchange();
            Repeat(Client);
            Repeat(Server);
            return condition();
        },
        () => $"{Client.State} {Client.FailureReason} {Server.State} {Server.FailureReason}");

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _clientCertificate.Dispose();
        _serverCertificate.Dispose();
    }

    /// <summary>One message as one datagram.</summary>
    public static byte[] Encrypt(DtlsConnection from, ReadOnlySpan<byte> plaintext)
    {
        var room = new byte[plaintext.Length + DtlsConnection.MaxOverhead];
        return room[..from.Send(plaintext, room)];
    }

    /// <summary>What there is to read.</summary>
    public static List<byte[]> Read(DtlsConnection from)
    {
        var records = new List<byte[]>();
        while (from.TryRead(out var record))
        {
            records.Add(record.ToArray());
        }

        return records;
    }

    private static DtlsConnection Make(DtlsRole role, DtlsCertificate certificate, ReadOnlyMemory<byte> expected) => new(new DtlsOptions
    {
        Role = role,
        Certificate = certificate,
        PeerFingerprints = [expected],
        FirstTimeout = TimeSpan.FromMilliseconds(20),
        LastTimeout = TimeSpan.FromMilliseconds(160),
    });

    private void Repeat(DtlsConnection one)
    {
        if (one.NextTimeout <= Now)
        {
            one.HandleTimeout(Now);
        }
    }

    private bool Move(DtlsConnection from, DtlsConnection to)
    {
        var hasMoved = false;
        for (int length; (length = from.Poll(_room)) > 0;)
        {
            hasMoved = true;
            Sent.Add(_room[..length]);
            IsFromClient = from == Client;
            foreach (var datagram in Wire(Sent.Count - 1, _room[..length]))
            {
                to.Receive(datagram, Now);
            }
        }

        return hasMoved;
    }
}
