using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Peering;

public sealed class PeerSessionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_agents_meet_and_a_direct_connection_carries_their_bytes()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();

        var (near, far) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp);
        var bytes = RandomNumberGenerator.GetBytes(1_000_000);

        Assert.Equal(bytes, await PeerStage.CarryAsync(near.Stream, far.Stream, bytes));
        Assert.Equal(bytes, await PeerStage.CarryAsync(far.Stream, near.Stream, bytes));
        Assert.Equal((PathKind.DirectTcp, PathKind.DirectTcp), (near.Kind, far.Kind));
        Assert.Equal((alices.Id, alices.Phrase, PeerTrust.FirstMeeting), (bobs.Id, bobs.Phrase, alices.Trust));
        Assert.Equal((stage.Bob.Address, stage.Alice.Address), (alices.Remote, bobs.Remote));
    }

    [Fact]
    public async Task A_circuit_through_the_hub_carries_them_where_there_is_no_direct_way()
    {
        await using var stage = await PeerStage.StartAsync();
        var closed = PeerStage.Quick with { Tcp = PeerStage.Quick.Tcp with { Listens = false } };
        var (alices, bobs) = await stage.MeetAsync(closed, PeerStage.Receiving with { Tcp = closed.Tcp });

        var (near, far) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp, PathKind.Relayed);
        var bytes = RandomNumberGenerator.GetBytes(5_000_000);

        Assert.Equal(bytes, await PeerStage.CarryAsync(near.Stream, far.Stream, bytes));
        Assert.Equal(bytes, await PeerStage.CarryAsync(far.Stream, near.Stream, bytes));
        Assert.Equal("relayed, through the hub: direct TCP (the other end opens no port)", near.Reason);
    }

    [Fact]
    public async Task Who_opens_first_waits_for_somebody_who_accepts()
    {
        await using var stage = await PeerStage.StartAsync();
        var alice = await stage.AttachAsync(stage.Alice);

        var opening = alice.OpenAsync("bob", PeerPurpose.Transfer, Stop);
        await Task.Delay(PeerStage.Quick.RepeatEvery * 2, TimeProvider.System, Stop);
        var waited = !opening.IsCompleted;
        var accepted = PeerStage.NextAsync(await stage.AttachAsync(stage.Bob, PeerStage.Receiving), PeerPurpose.Transfer);

        Assert.True(waited);
        Assert.Equal((await opening.WaitAsync(Deadline.Shared, Stop)).Id, (await accepted.WaitAsync(Deadline.Shared, Stop)).Id);
    }

    [Fact]
    public async Task A_path_that_broke_is_followed_by_another_of_the_same_session()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var (first, _) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp);

        await first.DisposeAsync();
        var (near, far) = await PeerStage.ConnectAsync(alices, bobs, PathKind.Relayed);

        Assert.Equal([1, 2, 3], await PeerStage.CarryAsync(far.Stream, near.Stream, [1, 2, 3]));
        Assert.Equal(PathKind.Relayed, near.Kind);
    }

    [Fact]
    public async Task An_end_that_wants_a_new_path_breaks_the_old_one_at_the_other_end()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var (near, _) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp);

        var again = bobs.ConnectAsync([PathKind.DirectTcp], Stop);
        var read = await Record.ExceptionAsync(async () => Assert.Equal(0, await near.Stream.ReadAsync(new byte[1], Stop)));
        var (kind, _) = (await alices.ConnectAsync([PathKind.DirectTcp], Stop), await again);

        Assert.True(read is null or IOException, $"{read}");
        Assert.Equal(PathKind.DirectTcp, kind.Kind);
    }

    [Fact]
    public async Task A_session_that_is_closed_is_over_at_the_other_end_too()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();

        await alices.DisposeAsync();
        var refused = await Assert.ThrowsAsync<ParleyException>(() => bobs.ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.AgentOffline, refused.Code);
    }

    [Fact]
    public async Task An_end_that_knows_the_session_no_more_says_so_to_who_still_has_it()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var lost = new TaskCompletionSource();
        var isLosing = true;
        LyingHub.Before(stage.Attached.First(), signal =>
        {
            _ = signal.BodyCase == PeerSignal.BodyOneofCase.Sealed && lost.TrySetResult();
            return Volatile.Read(ref isLosing) ? [] : [signal];
        });
        await bobs.DisposeAsync();
        await lost.Task.WaitAsync(Deadline.Shared, Stop);
        Volatile.Write(ref isLosing, false);

        var gone = await Assert.ThrowsAsync<ParleyException>(() => alices.ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.AgentOffline, gone.Code);
    }

    [Fact]
    public async Task Nobody_else_can_say_that_a_session_is_gone()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var heard = new TaskCompletionSource();
        LyingHub.Before(stage.Attached.First(), signal =>
        {
            var isGone = signal.BodyCase == PeerSignal.BodyOneofCase.Gone;
            _ = isGone && heard.TrySetResult();
            return [signal];
        });
        var hub = stage.Hubs.Near;
        await using var carol = await RawLink.AttachAsync(hub, await hub.EnrolAsync("carol"), SessionRole.Caller, LinkKind.Grpc, Stop, home: "carol's 16 bytes");

        carol.Outbox.Send(new Frame
        {
            Signal = new Signal
            {
                Session = ByteString.CopyFrom(((PeerSession)alices).Key.Span),
                To = stage.Alice.Address.ToString(),
                ToEnd = ByteString.CopyFrom(((PeerSession)bobs).RemoteEnd),
                Purpose = SignalPurpose.Transfer,
                Payload = new PeerSignal { Gone = new PeerGone() }.ToByteString(),
            },
        });
        await heard.Task.WaitAsync(Deadline.Shared, Stop);
        var (near, _) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp);

        Assert.Equal(PathKind.DirectTcp, near.Kind);
    }

    [Fact]
    public async Task An_opener_whose_key_cannot_be_noted_hears_so()
    {
        await using var stage = await PeerStage.StartAsync();
        await using var bob = await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        Directory.CreateDirectory(stage.Bob.Home.PathOf("known-agents.lock"));
        stage.Hubs.Near.Log.Allow("could not be noted");
        var alice = await stage.AttachAsync(stage.Alice);

        var session = await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => session.ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.Unavailable, refused.Code);
    }

    [Fact]
    public async Task An_end_whose_process_is_gone_is_noticed()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        stage.Hubs.Near.Get<Hub.Sessions.SessionService>().EndAll(stage.Bob.Address, Hub.Sessions.Goodbyes.Revoked());

        var refused = await Assert.ThrowsAsync<ParleyException>(() => alices.ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.AgentOffline, refused.Code);
        await Assert.ThrowsAsync<ParleyException>(() => bobs.ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop));
    }

    [Fact]
    public async Task At_the_second_meeting_the_key_is_known_and_another_one_is_refused()
    {
        await using var stage = await PeerStage.StartAsync();
        await using var alice = await stage.AttachAsync(stage.Alice);
        await using var bob = await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        var first = await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop);

        var second = await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop);
        await alice.Known.ForgetAsync(stage.Alice.Profile.HubId, stage.Bob.Address, Stop);
        await alice.Known.VerifyAsync(stage.Alice.Profile.HubId, stage.Bob.Address, RandomNumberGenerator.GetBytes(32), Stop);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => alice.OpenAsync("bob", PeerPurpose.Transfer, Stop));

        Assert.Equal((PeerTrust.FirstMeeting, PeerTrust.Pinned), (first.Trust, second.Trust));
        Assert.Equal((ErrorCode.PeerKeyChanged, 7), (refused.Code, refused.Row.Exit));
    }

    [Fact]
    public async Task An_opener_whose_key_is_not_the_known_one_hears_so()
    {
        await using var stage = await PeerStage.StartAsync();
        await using var bob = await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        await bob.Known.VerifyAsync(stage.Bob.Profile.HubId, stage.Alice.Address, RandomNumberGenerator.GetBytes(32), Stop);
        stage.Hubs.Near.Log.Allow("Refused a session");
        var alice = await stage.AttachAsync(stage.Alice);

        var session = await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => session.ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.PeerKeyChanged, refused.Code);
    }

    [Fact]
    public async Task Every_process_that_accepts_something_answers_a_probe()
    {
        await using var stage = await PeerStage.StartAsync();
        await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        var alice = await stage.AttachAsync(stage.Alice);

        await using var session = await alice.OpenAsync("bob", PeerPurpose.Probe, Stop);
        var probe = new Client.Peering.Probes.Probe(TimeProvider.System);
        var direct = await probe.TryAsync(session, PathKind.DirectTcp, Stop).WaitAsync(Deadline.Shared, Stop);
        var relayed = await probe.TryAsync(session, PathKind.Relayed, Stop).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal((null, null), (direct.Failure, relayed.Failure));
        Assert.NotNull(relayed.RoundTrip);
    }
}
