using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Hub.Identity;
using Parley.Hub.Telemetry;
using Parley.HubTests.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Peering;

/// <summary>Who may signal to whom, and what the hub keeps of it: nothing.</summary>
public sealed class SignallingTests
{
    private const string Transfer = "peer:transfer";

    private static readonly ByteString _session = ByteString.CopyFrom(Enumerable.Repeat((byte)7, 16).ToArray());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_reaches_who_accepts_it_with_the_sender_that_the_hub_knows(bool hasTwoNodes)
    {
        await using var hubs = hasTwoNodes ? await HubPair.OfTwoAsync(_ => { }) : await HubPair.OfOneAsync(_ => { });
        await using var alice = await AttachAsync(hubs.Near, await hubs.EnrolAsync("alice"), "a");
        await using var bob = await AttachAsync(hubs.Far, await hubs.EnrolAsync("bob"), "b", Transfer);

        alice.Outbox.Send(Signal("bob", "hello", from: "acme.mallory"));
        var came = (await bob.ReadAsync(Frame.BodyOneofCase.Signal, Stop)).Signal;
        bob.Outbox.Send(Signal(came.From, "and back", to: came.FromEnd));
        var answer = (await alice.ReadAsync(Frame.BodyOneofCase.Signal, Stop)).Signal;

        Assert.Equal(("acme.alice", "a", "hello"), (came.From, came.FromEnd.ToStringUtf8(), came.Payload.ToStringUtf8()));
        Assert.Equal(("acme.bob", "b", "and back"), (answer.From, answer.FromEnd.ToStringUtf8(), answer.Payload.ToStringUtf8()));
    }

    [Fact]
    public async Task Nobody_hears_a_signal_for_a_purpose_that_it_does_not_accept()
    {
        await using var hub = await HubFixture.StartAsync();
        await using var alice = await AttachAsync(hub, await hub.EnrolAsync("alice"), "a");
        await using var bob = await AttachAsync(hub, await hub.EnrolAsync("bob"), "b", "peer:chat");

        alice.Outbox.Send(Signal("bob", "hello"));

        Assert.Equal("agent.offline", await RefusalAsync(alice));
    }

    [Fact]
    public async Task A_listener_hears_who_waits_from_the_second_attempt_on()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("bob");
        await using var alice = await AttachAsync(hub, await hub.EnrolAsync("alice"), "a");
        await using var bob = await RawLink.AttachAsync(hub, agent, SessionRole.Listen, LinkKind.Grpc, Stop, "b");

        alice.Outbox.Send(Signal("bob", "hello", attempt: 1));
        await RefusalAsync(alice);
        bob.Outbox.Send(new Frame { Ping = new Ping { Number = 1 } });
        var first = await bob.ReadAsync(Stop);
        alice.Outbox.Send(Signal("bob", "hello", attempt: 2));
        var notice = (await bob.ReadAsync(Frame.BodyOneofCase.SignalNotice, Stop)).SignalNotice;

        Assert.Equal(Frame.BodyOneofCase.Pong, first!.BodyCase);
        Assert.Equal(("acme.alice", SignalPurpose.Transfer, _session), (notice.From, notice.Purpose, notice.Session));
    }

    [Fact]
    public async Task A_stranger_is_refused_and_noted_until_it_is_accepted_and_again_once_it_is_blocked()
    {
        await using var hub = await HubFixture.StartAsync();
        await using var eve = await AttachAsync(hub, await hub.EnrolAsync("eve", "other"), "e");
        await using var bob = await AttachAsync(hub, await hub.EnrolAsync("bob"), "b", Transfer);
        var contacts = hub.Get<Contacts>();

        eve.Outbox.Send(Signal("acme.bob", "knock"));
        var stranger = await RefusalAsync(eve);
        await Deadline.UntilAsync(() => contacts.ListOf("acme") is [{ Sender: "other.eve" }], "the owner to see who knocked");
        await contacts.DecideAsync("acme", "other.eve", ContactState.Accepted, Stop);
        eve.Outbox.Send(Signal("acme.bob", "hello"));
        var came = (await bob.ReadAsync(Frame.BodyOneofCase.Signal, Stop)).Signal;
        bob.Outbox.Send(Signal("other.eve", "who was asked may answer", to: came.FromEnd));
        var answer = (await eve.ReadAsync(Frame.BodyOneofCase.Signal, Stop)).Signal;
        await contacts.DecideAsync("acme", "other.eve", ContactState.Blocked, Stop);
        eve.Outbox.Send(Signal("acme.bob", "hello again", to: answer.FromEnd));

        Assert.Equal("contact.pending", stranger);
        Assert.Equal("who was asked may answer", answer.Payload.ToStringUtf8());
        Assert.Equal("contact.blocked", await RefusalAsync(eve));
    }

    [Fact]
    public async Task Signals_that_are_too_large_too_many_or_without_an_end_are_refused()
    {
        await using var hub = await HubFixture.StartAsync(options => (options.Signals.MaxSignalBytes, options.Signals.SignalsPerMinute) = (1024, 10));
        var agent = await hub.EnrolAsync("alice");
        await using var alice = await AttachAsync(hub, agent, "a");
        await using var homeless = await AttachAsync(hub, agent, string.Empty);
        await hub.EnrolAsync("bob");

        alice.Outbox.Send(Signal("bob", new string('x', 1025)));
        var large = await RefusalAsync(alice);
        homeless.Outbox.Send(Signal("bob", "hello"));
        var without = await RefusalAsync(homeless);
        var codes = new List<string>();
        for (var count = 0; count < 9; count++)
        {
            alice.Outbox.Send(Signal("bob", "hello"));
            codes.Add(await RefusalAsync(alice));
        }

        Assert.Equal(("message.too_large", "invalid_argument", "rate_limited"), (large, without, codes[^1]));
        Assert.All(codes[..8], code => Assert.Equal("agent.offline", code));
    }

    [Fact]
    public async Task A_second_end_with_another_home_hears_nothing_of_what_is_said_to_the_first()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("bob");
        await using var alice = await AttachAsync(hub, await hub.EnrolAsync("alice"), "a");
        await using var first = await AttachAsync(hub, agent, "b1", Transfer);
        await using var second = await AttachAsync(hub, agent, "b2");

        alice.Outbox.Send(Signal("acme.bob", "for the second", to: ByteString.CopyFromUtf8("b2")));
        var came = await second.ReadAsync(Frame.BodyOneofCase.Signal, Stop);
        first.Outbox.Send(new Frame { Ping = new Ping { Number = 1 } });

        Assert.Equal("for the second", came.Signal.Payload.ToStringUtf8());
        Assert.Equal(Frame.BodyOneofCase.Pong, (await first.ReadAsync(Stop))!.BodyCase);
    }

    [Fact]
    public async Task Nothing_of_a_session_is_in_a_log_a_metric_or_a_file()
    {
        var marker = "marker" + RandomNumberGenerator.GetHexString(16);
        await using var hub = await HubFixture.StartAsync();
        await using var alice = await AttachAsync(hub, await hub.EnrolAsync("alice"), "a" + marker);
        await using var bob = await AttachAsync(hub, await hub.EnrolAsync("bob"), "b" + marker, Transfer);

        alice.Outbox.Send(Signal("bob", marker));
        await bob.ReadAsync(Frame.BodyOneofCase.Signal, Stop);
        alice.Outbox.Send(Signal("nobody-" + marker.ToLowerInvariant(), marker));
        await RefusalAsync(alice);
        alice.Outbox.Send(new Frame { CircuitRequest = new CircuitRequest { Session = _session, Number = 1, To = "acme.bob", ToEnd = ByteString.CopyFromUtf8("b" + marker) } });
        await using var near = await RelayTests.EnterAsync(hub, alice, Stop);
        await using var far = await RelayTests.EnterAsync(hub, bob, Stop);
        await RelayTests.ReadyAsync(near, Stop);
        await RelayTests.ReadyAsync(far, Stop);
        near.Outbox.Send(new Frame { CircuitBytes = ByteString.CopyFromUtf8(marker) });
        var carried = await far.ReadAsync(Frame.BodyOneofCase.CircuitBytes, Stop);

        Assert.Equal(marker, carried.CircuitBytes.ToStringUtf8());
        Assert.DoesNotContain(marker, hub.Log.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(marker, hub.Get<PrometheusExporter>().Collect(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("parley_signals", hub.Get<PrometheusExporter>().Collect(), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(hub.DataFolder, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(marker, System.Text.Encoding.Latin1.GetString(await ReadSharedAsync(file)), StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>A signal from the test.</summary>
    internal static Frame Signal(string target, string payload, ByteString? to = null, uint attempt = 1, string from = "") => new()
    {
        Signal = new Signal { Session = _session, From = from, To = target, ToEnd = to ?? ByteString.Empty, Purpose = SignalPurpose.Transfer, Attempt = attempt, Payload = ByteString.CopyFromUtf8(payload) },
    };

    /// <summary>An end with these home bytes.</summary>
    internal static Task<RawLink> AttachAsync(HubFixture hub, EnrolledAgent agent, string home, params string[] capabilities) =>
        RawLink.AttachAsync(hub, agent, SessionRole.Caller, LinkKind.Grpc, Stop, home, capabilities);

    private static async Task<string> RefusalAsync(RawLink link) => (await link.ReadAsync(Frame.BodyOneofCase.SignalRefusal, Stop)).SignalRefusal.Code;

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        await file.CopyToAsync(copy, Stop);
        return copy.ToArray();
    }
}
