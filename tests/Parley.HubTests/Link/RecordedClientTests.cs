using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Crypto;
using Parley.Hub;
using Parley.Hub.Identity;
using Parley.Protocol.Files;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.HubTests.Link;

/// <summary>A client of link version 1 as it was at the first release, kept as bytes: what hubs of today must go on answering (DECISIONS 17).</summary>
/// <remarks>
/// The recording is never renewed: a change that breaks it breaks clients that are out there. Its lines are <c>client HEX</c>, to be sent, and <c>hub FRAME</c>, to be awaited.
/// It was made with the keys and nonces below, so the hub of the test has a fixed id and challenges with a fixed nonce.
/// </remarks>
public sealed class RecordedClientTests : IAsyncLifetime
{
    private const string HubIdText = "hub-abcdefghijklmnop";
    private static readonly AgentAddress _agent = AgentAddress.Parse("local.recorded");
    private static readonly byte[] _hubNonce = [.. Enumerable.Repeat((byte)0x42, LinkProof.NonceSize)];
    private static readonly byte[] _clientNonce = [.. Enumerable.Repeat((byte)0x17, LinkProof.NonceSize)];
    private static readonly byte[] _seed = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];

    private readonly TempFolder _folder = new();
    private readonly LogSink _log = new();
    private HubApplication _hub = null!;

    private static string RecordingPath => Path.Combine(RepositoryFiles.Root, "tests", "Parley.HubTests", "Recordings", "link-1.0-client.txt");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        SecretFile.Write(_folder.PathOf("hub.id"), Encoding.ASCII.GetBytes(HubIdText + "\n"));
        var any = new Uri("http://127.0.0.1:0");
        var options = new HubOptions { DataFolder = _folder.FullPath, Http = any, Grpc = any, Durability = Durability.Memory };
        options.Sessions.DrainSpread = TimeSpan.Zero;
        _hub = await HubApplication.StartAsync(options, TimeProvider.System, Fill, logging => logging.AddProvider(_log));
        using var key = Ed25519Key.FromSeed(_seed);
        var now = TimeProvider.System.GetUtcNow();
        var none = new Dictionary<string, string>();
        var agent = new Agent(0, _agent, key.PublicKey.ToArray(), [1], [2], [3], none, none, AgentVisibility.Owner, string.Empty, now, now);
        await _hub.Services.GetRequiredService<AgentRegistry>().EnrolAsync(connection => AgentStore.Insert(connection, agent));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _hub.StopAsync(CancellationToken.None);
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_recorded_session_of_version_1_runs_to_its_end()
    {
        await using var link = await RawLink.OpenAsync(_hub.LocalHttp);

        foreach (var step in await File.ReadAllLinesAsync(RecordingPath))
        {
            switch (step.Split(' '))
            {
                case ["client", var hex]:
                    await link.SendAsync(Convert.FromHexString(hex));
                    break;
                case ["hub", var expected]:
                    await ReadUntilAsync(link, expected);
                    break;
                default:
                    Assert.StartsWith("#", step, StringComparison.Ordinal);
                    break;
            }
        }
    }

    [Fact]
    public async Task A_client_of_a_newer_minor_version_is_answered_in_the_newest_that_both_speak()
    {
        await using var link = await RawLink.OpenAsync(_hub.LocalHttp);

        await link.SendAsync(RawLink.BytesOf(Hello(1, 2)));

        Assert.Equal(1u, (await link.ReadAsync()).Challenge.Version);
    }

    [Fact]
    public async Task A_client_of_an_older_minor_version_is_answered_too()
    {
        await using var link = await RawLink.OpenAsync(_hub.LocalHttp);

        await link.SendAsync(RawLink.BytesOf(Hello(0, 1)));

        Assert.Equal(1u, (await link.ReadAsync()).Challenge.Version);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(0, 0)]
    public async Task A_client_that_shares_no_version_is_told_in_one_sentence_and_not_to_come_back(uint min, uint max)
    {
        await using var link = await RawLink.OpenAsync(_hub.LocalHttp);

        await link.SendAsync(RawLink.BytesOf(Hello(min, max)));
        var goodbye = (await link.ReadAsync()).Goodbye;

        Assert.Equal("protocol.version", goodbye.Code);
        Assert.Equal($"This end speaks link versions 1 to 1, the other {min} to {max}.", goodbye.Message);
        Assert.False(goodbye.MayReturn);
    }

    // The challenge is the only thing of 32 bytes that the recording signs; all else stays random.
    private static void Fill(Span<byte> destination)
    {
        if (destination.Length == LinkProof.NonceSize)
        {
            _hubNonce.CopyTo(destination);
        }
        else
        {
            RandomNumberGenerator.Fill(destination);
        }
    }

    private static Frame Hello(uint min, uint max) => new()
    {
        Hello = new Hello
        {
            VersionMin = min, VersionMax = max, Agent = _agent.ToString(), Role = SessionRole.Listen, Nonce = ByteString.CopyFrom(_clientNonce), Software = "parley/0.1.0", Home = ByteString.CopyFrom(new byte[16]),
        },
    };

    private static async Task ReadUntilAsync(RawLink link, string expected)
    {
        var seen = new List<string>();
        while (true)
        {
            var frame = await link.ReadAsync();
            var name = frame.BodyCase == Frame.BodyOneofCase.Delivery ? $"Delivery:{frame.Delivery.Number}:{frame.Delivery.Envelope.Kind}" : frame.BodyCase.ToString();
            if (name == expected)
            {
                return;
            }

            seen.Add(name);
            Assert.True(seen.Count < 20 && frame.BodyCase != Frame.BodyOneofCase.Goodbye, $"Instead of {expected} came: {string.Join(' ', seen)} {frame.Goodbye}");
        }
    }
}
