using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi.Discovery;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.HubTests.PeerApi;

/// <summary>Multicast over the loopback interface, on a port of the test's own.</summary>
public sealed class PeerDiscoveryTests : IDisposable
{
    private static readonly CertificatePin _pin = CertificatePin.Parse(new string('a', 64));

    /// <summary>After this nothing more comes; a machine that is busy for longer makes a test pass that should fail, never the other way round.</summary>
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(500);

    private static int _nextPort = 20_000 + (Environment.ProcessId % 20_000);
    private readonly int _port = Interlocked.Increment(ref _nextPort);
    private readonly LogSink _log = new();

    [Fact]
    public async Task Who_announces_himself_is_found_among_others()
    {
        await using var first = Announce("first");
        await using var second = Announce("second");

        var found = await SearchAsync(2);

        Assert.Equal(["first", "second"], found.Select(peer => peer.Name));
        Assert.Equal((3100, _pin, IPAddress.Loopback), (found[0].Port, found[0].Pin, found[0].Addresses.Single()));
    }

    [Fact]
    public async Task What_changed_is_told_at_once()
    {
        var name = "before";
        await using var announcer = PeerAnnouncer.Start(MulticastSocket.Listening(IPAddress.Loopback, _port), () => Peer(name), TimeProvider.System, RandomNumberGenerator.Fill, _log.Factory.CreateLogger<PeerAnnouncer>());

        name = "after";

        Assert.Equal(["after"], (await SearchAsync(1)).Select(peer => peer.Name));
    }

    [Fact]
    public async Task A_listener_hears_the_beginning_and_the_end()
    {
        using var listener = MulticastSocket.Listening(IPAddress.Loopback, _port);
        var heard = new FoundPeers();

        await using (Announce("short"))
        {
            await HearAsync(listener, heard);
            Assert.Single(heard.All());
        }

        await Deadline.UntilAsync(async () =>
        {
            await HearAsync(listener, heard);
            return heard.All().Count == 0;
        }, "the goodbye");
    }

    [Fact]
    public async Task A_listener_that_asks_is_answered_for_everybody_to_hear()
    {
        await using var announcer = Announce("kp");
        using var listener = MulticastSocket.Listening(IPAddress.Loopback, _port);

        // What it says unasked came before, or comes within the second.
        await Deadline.UntilAsync(async () =>
        {
            await listener.SendAsync(PeerService.Query, null, CancellationToken.None);
            var (message, _) = await listener.ReceiveAsync(CancellationToken.None);
            return message is { IsResponse: true, Additional.Count: > 0 };
        }, "an answer, which has additional records");
    }

    [Fact]
    public async Task Answers_to_one_who_asks_without_end_have_a_rate()
    {
        var clock = new FakeTimeProvider();
        await using var announcer = PeerAnnouncer.Start(MulticastSocket.Listening(IPAddress.Loopback, _port), () => Peer("kp"), clock, RandomNumberGenerator.Fill, _log.Factory.CreateLogger<PeerAnnouncer>());
        using var asker = MulticastSocket.Asking(IPAddress.Loopback, _port);
        for (var count = 0; count < 5 * PeerAnnouncer.MaxAnswersPerSecond; count++)
        {
            await asker.SendAsync(PeerService.Query, null, CancellationToken.None);
        }

        var answers = 0;
        while (await ReceivesAsync(asker, answers < PeerAnnouncer.MaxAnswersPerSecond ? Deadline.Shared : _quiet))
        {
            answers++;
        }

        Assert.Equal(PeerAnnouncer.MaxAnswersPerSecond, answers);
    }

    [Fact]
    public void An_interface_that_is_not_there_is_refused()
    {
        var refusal = Assert.Throws<ParleyException>(() => MulticastSocket.Listening(IPAddress.Parse("192.0.2.1"), _port));

        Assert.Equal(ErrorCode.Unavailable, refusal.Code);
    }

    public void Dispose() => _log.Dispose();

    private static PeerAnnouncement Peer(string name) => new(name, 3100, _pin, [IPAddress.Loopback]);

    private static async Task HearAsync(MulticastSocket listener, FoundPeers heard)
    {
        var (message, from) = await listener.ReceiveAsync(CancellationToken.None);
        heard.Hear(message, from.Address);
    }

    private static async Task<bool> ReceivesAsync(MulticastSocket asker, TimeSpan longest)
    {
        using var limit = new CancellationTokenSource(longest);
        try
        {
            await asker.ReceiveAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private PeerAnnouncer Announce(string name) =>
        PeerAnnouncer.Start(MulticastSocket.Listening(IPAddress.Loopback, _port), () => Peer(name), TimeProvider.System, RandomNumberGenerator.Fill, _log.Factory.CreateLogger<PeerAnnouncer>());

    /// <summary>Searches until so many were found: on a busy machine an answer may come too late for one search.</summary>
    private async Task<IReadOnlyList<PeerAnnouncement>> SearchAsync(int count)
    {
        IReadOnlyList<PeerAnnouncement> found = [];
        await Deadline.UntilAsync(
            async () =>
            {
                using var socket = MulticastSocket.Asking(IPAddress.Loopback, _port);
                found = await PeerSearch.RunAsync(socket, TimeSpan.FromMilliseconds(700), TimeProvider.System, CancellationToken.None);
                return found.Count >= count;
            },
            "the search to find them");
        return found;
    }
}
