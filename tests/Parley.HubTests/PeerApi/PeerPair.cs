using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.PeerApi.Serving;
using Parley.Client.Responders;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Files;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.HubTests.PeerApi;

/// <summary>Beta serves on loopback, alpha asks.</summary>
internal sealed class PeerPair : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TlsSide _side = new("beta");
    private readonly Ed25519Key _alpha = Ed25519Key.Generate();
    private readonly Ed25519Key _beta = Ed25519Key.Generate();
    private readonly Ed25519Key _gamma = Ed25519Key.Generate();
    private readonly SpentTokens _spent;
    private readonly TlsContext _context;
    private PeerServer _server = null!;

    private PeerPair(IResponder responder, TimeProvider time)
    {
        Time = time;
        _context = TlsContext.ForServer(new TlsServerOptions { Identity = _side.Identity });
        _spent = SpentTokens.Open(_folder.PathOf("spent"), Time);
        Pipeline = new ResponderPipeline(responder, new ResponderPolicy { Senders = SenderPolicy.Everyone, Timeout = TimeSpan.FromHours(1) }, Time, Log.Factory.CreateLogger<ResponderPipeline>());
    }

    public LogSink Log { get; } = new();

    /// <summary>The clock of both.</summary>
    public TimeProvider Time { get; }

    public ResponderPipeline Pipeline { get; }

    public Uri Address => _server.Address;

    public static async Task<PeerPair> StartAsync(IResponder responder, string more = "", PeerServerOptions? options = null, TimeProvider? time = null)
    {
        var pair = new PeerPair(responder, time ?? TimeProvider.System);
        pair.WritePeers(more);
        var peers = new PeersFile(pair._folder.PathOf("peers.json"), static _ => null, pair.Log.Factory.CreateLogger<PeersFile>());
        pair._server = await PeerServer.StartAsync(
            (options ?? new PeerServerOptions()) with { Port = 0, MaxBodyBytes = 4096, Version = "test" }, () => pair._context, peers, pair._spent, pair.Pipeline,
            pair.Time, RandomNumberGenerator.Fill, rotations: null, pair.Log.Factory, CancellationToken.None);
        return pair;
    }

    /// <summary>Beta's peers.json: it knows alpha, with further members.</summary>
    public void WritePeers(string more, bool knowsAlpha = true) => SecretFile.Write(_folder.PathOf("peers.json"), Encoding.UTF8.GetBytes($$"""
        {"self":{"name":"beta","signingKey":"{{Convert.ToBase64String(Seed)}}"},
         "peers":{"{{(knowsAlpha ? "alpha" : "somebody")}}":{"host":"127.0.0.1","verifyKey":"{{PeerKeyText.WritePublic(_alpha.PublicKey)}}","certFingerprint":"{{_side.Pin}}"{{more}} },
                  "gamma":{"host":"127.0.0.1","verifyKey":"{{PeerKeyText.WritePublic(_gamma.PublicKey)}}","certFingerprint":"{{_side.Pin}}"} } }
        """));

    private static byte[] Seed { get; } = Enumerable.Repeat((byte)3, 32).ToArray();

    /// <summary>Asks as alpha.</summary>
    public async Task<PeerReply> AskAsync(string message, int hops = 5, string? token = null, string? session = null, TimeSpan? timeout = null, CertificatePin? pin = null,
        PeerProfile profile = PeerProfile.JwtEddsa, bool isTextSigned = false)
    {
        using var client = new PeerClient(Self, Entry(token, pin) with { Profile = profile, IsTextSigned = isTextSigned }, Time, RandomNumberGenerator.Fill);
        return await client.AskAsync(message, hops, session, timeout ?? TimeSpan.FromSeconds(30), CancellationToken.None);
    }

    /// <summary>A client of alpha, or of gamma, whom beta knows as well.</summary>
    public PeerClient Client(string name = "alpha") =>
        new(name == "alpha" ? Self : new PeerDirectory(name, _gamma, new Dictionary<string, PeerEntry>(), []), Entry(null, null), Time, RandomNumberGenerator.Fill);

    /// <summary>Alpha's tool, which knows beta.</summary>
    public PeerAskTool Tool() => new(() => Self with { Peers = new Dictionary<string, PeerEntry> { ["beta"] = Entry(null, null) } }, Time, RandomNumberGenerator.Fill);

    /// <summary>The head of a request of alpha's.</summary>
    public PeerRequestHead Prove(string method, string path, string body, PeerProfile profile, string? token = null) => PeerProof.Sign(
        Self, Entry(token, null) with { Profile = profile }, new PeerRequestHead(method, path), 5, Encoding.UTF8.GetBytes(body), Time.GetUtcNow(), RandomNumberGenerator.Fill);

    /// <summary>Sends a request of one's own, proved as alpha's unless told otherwise.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, string body, Func<PeerRequestHead, PeerRequestHead>? change = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = Prove(method, path, body, PeerProfile.JwtEddsa);
        head = change is null ? head : change(head);
        var http = new HttpClient(new PinnedHttpHandler(TlsContext.ForClient(new TlsClientOptions { Pins = [_side.Pin] }), TimeSpan.FromSeconds(10))) { BaseAddress = Address };
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in new[]
        {
            ("Authorization", head.Authorization), (PeerRequestHead.PeerIdHeader, head.PeerId), (PeerRequestHead.TimestampHeader, head.Timestamp),
            (PeerRequestHead.NonceHeader, head.Nonce), (PeerRequestHead.SignatureHeader, head.Signature), (PeerRequestHead.SessionHeader, head.Session), (PeerRequestHead.HopsHeader, head.Hops),
        })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (bytes.Length > 0)
        {
            request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        return await http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await Pipeline.DisposeAsync();
        await _server.DisposeAsync();
        _spent.Dispose();
        _context.Dispose();
        _side.Dispose();
        _alpha.Dispose();
        _beta.Dispose();
        _gamma.Dispose();
        _folder.Dispose();
    }

    private PeerDirectory Self => new("alpha", _alpha, new Dictionary<string, PeerEntry>(), []);

    private PeerEntry Entry(string? token, CertificatePin? pin) =>
        new("beta", "127.0.0.1", Address.Port, pin ?? _side.Pin, PeerProfile.JwtEddsa) { VerifyKey = _beta.PublicKey.ToArray(), Token = token };
}
