using System.Security.Cryptography.X509Certificates;
using System.Text;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

/// <summary>Strangers that speak another protocol, or hardly any, on each port of a hub: they are sent away, and the hub serves the others meanwhile.</summary>
public sealed class ForeignProtocolTests
{
    private static readonly byte[] _preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    private static readonly Dictionary<string, byte[]> _greetings = new()
    {
        ["HTTP/1.1"] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"u8.ToArray(),
        ["HTTP/2"] = _preface,
        ["gRPC on HTTP/1.1"] = "POST /parley.v1.Link/Connect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\0\0\0\0\0"u8.ToArray(),
        ["TLS"] = ClientHello(),
        ["SSH"] = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"u8.ToArray(),
        ["SMTP"] = "EHLO example.org\r\nMAIL FROM:<a@example.org>\r\n"u8.ToArray(),
        ["random"] = SeededBytes(1, 4096),
        ["more random"] = SeededBytes(2, 70_000),
        ["zeros"] = new byte[1000],
        ["one byte"] = [0x16],
        ["nothing"] = [],
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    [InlineData("tls")]
    public async Task A_foreign_protocol_is_sent_away_within_the_limits_and_without_a_warning(string port)
    {
        await using var hub = await StartAsync(port == "tls");

        var answers = await Task.WhenAll(_greetings.Select(async greeting => (greeting.Key, Answer: await GreetAsync(hub, port, greeting.Key))));

        Assert.All(answers, answer => Assert.DoesNotContain("   at ", answer.Answer, StringComparison.Ordinal));
        Assert.All(answers, answer => Assert.DoesNotContain("Exception", answer.Answer, StringComparison.Ordinal));
        await AssertServesAsync(hub);
    }

    [Fact]
    public async Task One_connection_more_than_the_limit_is_closed_and_room_comes_back_when_another_ends()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Doors.MaxConnections = 2);
        hub.Log.Allow("connection");
        RawConnection[] strangers = [await ConnectAsync(hub.Hub.Http), await ConnectAsync(hub.Hub.Http), await ConnectAsync(hub.Hub.Http)];

        // Which of them comes too late is the scheduler's business.
        await await Task.WhenAny(strangers.Select(ReadToEndAsync));
        foreach (var stranger in strangers)
        {
            stranger.Dispose();
        }

        await Deadline.UntilAsync(() => ServesAsync(hub), "room for a connection");
    }

    [Theory]
    [InlineData("http", "POST /api/enrol HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{", ' ')]
    [InlineData("http", "GET /api/agents HTTP/1.1\r\nHost: 127.0.0.1\r\nX-", 'x')]
    [InlineData("http", "", 'G')]
    [InlineData("grpc", "PRI * HTTP/2.0\r\n\r\n", 'S')]
    [InlineData("tls", "", '\u0016')]
    public async Task Clients_that_dribble_are_cut_by_a_limit_while_the_hub_serves_the_others(string port, string start, char drip)
    {
        const int Strangers = 100;
        await using var hub = await StartAsync(port == "tls");
        var strangers = new List<RawConnection>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        for (var number = 0; number < Strangers; number++)
        {
            var stranger = await ConnectAsync(port == "grpc" ? hub.Hub.Grpc : hub.Hub.Http);
            await stranger.SendAsync(Encoding.Latin1.GetBytes(start), ending.Token);
            strangers.Add(stranger);
        }

        var dripping = Task.WhenAll(strangers.Select(stranger => stranger.DripAsync((byte)drip, ending.Token)));
        await AssertServesAsync(hub);
        await Task.WhenAll(strangers.Select(ReadToEndAsync));
        await ending.CancelAsync();
        await dripping;
        strangers.ForEach(stranger => stranger.Dispose());
    }

    private static Task<HubFixture> StartAsync(bool isTls) => HubFixture.StartAsync(options =>
    {
        options.Doors.HandshakeTimeout = TimeSpan.FromSeconds(1);
        options.Doors.HeadersTimeout = TimeSpan.FromSeconds(1);
        options.Doors.IdleTimeout = TimeSpan.FromSeconds(1);
        options.Doors.BodyGrace = TimeSpan.FromSeconds(2);
        if (isTls)
        {
            options.Http = new Uri("https://127.0.0.1:0");
            options.Grpc = null;
            options.Tls = TlsOptions.Parse("self");
        }
    });

    private static async Task<string> GreetAsync(HubFixture hub, string port, string greeting)
    {
        using var stranger = await ConnectAsync(port == "grpc" ? hub.Hub.Grpc : hub.Hub.Http);
        try
        {
            await stranger.SendAsync(_greetings[greeting], Stop);
            return await ReadToEndAsync(stranger);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{greeting} on {port}: {exception.Message}");
        }
    }

    private static Task<RawConnection> ConnectAsync(Uri address) => RawConnection.OpenAsync(address, Stop);

    private static Task<string> ReadToEndAsync(RawConnection connection) => connection.ReadToEndAsync(Deadline.Shared, Stop);

    private static async Task<bool> ServesAsync(HubFixture hub)
    {
        using var client = new HttpClient { BaseAddress = hub.Hub.Http, Timeout = Deadline.Shared };
        return await ReadyAsync(client) is not null;
    }

    /// <summary>What the hub says of itself; null when it ended the connection instead: its short limits are for honest clients too, and a busy machine can be slower than they allow.</summary>
    private static async Task<string?> ReadyAsync(HttpClient client)
    {
        try
        {
            return await client.GetStringAsync("/ready", Stop);
        }
        catch (HttpRequestException exception) when (exception.StatusCode is null)
        {
            return null;
        }
    }

    /// <summary>Health over HTTP, and one whole gRPC or HTTP exchange of an honest client.</summary>
    private static async Task AssertServesAsync(HubFixture hub)
    {
        var pin = hub.Get<HubKey>().Pin;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 full && pin?.Matches(SpkiPin.HashOf(full)) == true;
        using var honest = new HttpClient(handler) { BaseAddress = hub.Hub.Http, Timeout = Deadline.Shared };
        string? ready = null;
        await Deadline.UntilAsync(async () => (ready = await ReadyAsync(honest)) is not null, "an answer to an honest client");
        Assert.Equal("{\"status\":\"ready\"}", ready);
        if (hub.Hub.Http.Scheme == Uri.UriSchemeHttp)
        {
            await using var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
            Assert.Equal("grpc", sender.Link.TransportName);
        }
    }

    /// <summary>The beginning of a TLS 1.2 handshake as a record: type, version, length, then a hello that offers two suites.</summary>
    private static byte[] ClientHello()
    {
        byte[] body = [3, 3, .. SeededBytes(3, 32), 0, 0, 4, 0x13, 0x01, 0xc0, 0x2f, 1, 0];
        byte[] hello = [1, 0, 0, (byte)body.Length, .. body];
        return [0x16, 3, 1, 0, (byte)hello.Length, .. hello];
    }

    private static byte[] SeededBytes(int seed, int count)
    {
        var bytes = new byte[count];
        SeededRandom.Source(seed)(bytes);
        return bytes;
    }
}
