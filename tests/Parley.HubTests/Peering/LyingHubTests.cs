using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Parley.Client.Peering;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Peering;

/// <summary>A hub that swaps, flips, drops, repeats and reorders what it carries: nobody meets, or the lie is named; never is anything taken for true.</summary>
public sealed class LyingHubTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("key")]
    [InlineData("identity")]
    [InlineData("tls")]
    [InlineData("dtls")]
    [InlineData("signature")]
    [InlineData("mac")]
    [InlineData("version")]
    public async Task An_answer_that_was_changed_is_refused_with_exit_code_7(string what)
    {
        await using var stage = await PeerStage.StartAsync();
        await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        var alice = await stage.AttachAsync(stage.Alice);
        LyingHub.Before(alice, signal => Change(signal.Answer, what));

        var refused = await Assert.ThrowsAsync<ParleyException>(() => alice.OpenAsync("bob", PeerPurpose.Transfer, Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(what == "version" ? (ErrorCode.ProtocolVersion, 1) : (ErrorCode.PeerProof, 7), (refused.Code, refused.Row.Exit));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("identity")]
    [InlineData("tls")]
    public async Task An_offer_that_was_changed_shows_in_the_answer(string what)
    {
        await using var stage = await PeerStage.StartAsync();
        var bob = await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        var alice = await stage.AttachAsync(stage.Alice);
        LyingHub.Before(bob, signal => Change(signal.Offer, what));

        var refused = await Assert.ThrowsAsync<ParleyException>(() => alice.OpenAsync("bob", PeerPurpose.Transfer, Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal((ErrorCode.PeerProof, 7), (refused.Code, refused.Row.Exit));
    }

    [Fact]
    public async Task A_hub_that_answers_in_the_place_of_another_is_refused_once_the_key_is_known()
    {
        await using var stage = await PeerStage.StartAsync();
        var bob = await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        var alice = await stage.AttachAsync(stage.Alice);
        await (await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop)).DisposeAsync();
        await bob.DisposeAsync();

        // The hub enrols a key of its own under the name, and answers with a whole and valid handshake.
        await stage.Hubs.Near.Get<Hub.Identity.AgentRegistry>().RemoveAsync(stage.Bob.Address, Stop);
        var impostor = await stage.Hubs.EnrolAsync("bob");
        await stage.AttachAsync(impostor, PeerStage.Receiving);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => alice.OpenAsync("bob", PeerPurpose.Transfer, Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal((ErrorCode.PeerKeyChanged, 7), (refused.Code, refused.Row.Exit));
    }

    [Fact]
    public async Task A_sealed_signal_that_was_flipped_ends_the_session()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        LyingHub.Before(await OfAsync(stage, stage.Bob), signal => Flip(signal.Sealed));

        _ = alices.ConnectAsync([PathKind.DirectTcp], Stop).ContinueWith(ended => ended.Exception, Stop, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => bobs.ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal((ErrorCode.PeerProof, 7), (refused.Code, refused.Row.Exit));
    }

    [Fact]
    public async Task A_sealed_signal_that_was_repeated_ends_the_session()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        LyingHub.Before(await OfAsync(stage, stage.Bob), signal => signal.Sealed is null ? [signal] : new[] { signal, signal });

        _ = alices.ConnectAsync([PathKind.DirectTcp], Stop).ContinueWith(ended => ended.Exception, Stop, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await Deadline.UntilAsync(async () => await Record.ExceptionAsync(() => bobs.ConnectAsync([PathKind.DirectTcp], Stop)) is ParleyException { Code: ErrorCode.PeerProof }, "the repetition to be noticed");
    }

    [Fact]
    public async Task Signals_that_are_dropped_are_said_again()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alice, bob) = (await stage.AttachAsync(stage.Alice), await stage.AttachAsync(stage.Bob, PeerStage.Receiving));
        var (toBob, toAlice) = (new Random(1), new Random(2));
        LyingHub.Before(bob, signal => toBob.Next(2) == 0 ? [] : [signal]);
        LyingHub.Before(alice, signal => toAlice.Next(2) == 0 ? [] : [signal]);
        var accepting = PeerStage.NextAsync(bob, PeerPurpose.Transfer);

        var alices = await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop);
        var connecting = alices.ConnectAsync([PathKind.DirectTcp], Stop);
        var far = await (await accepting.WaitAsync(Deadline.Shared, Stop)).ConnectAsync([PathKind.DirectTcp], Stop).WaitAsync(Deadline.Shared, Stop);
        var near = await connecting.WaitAsync(Deadline.Shared, Stop);

        Assert.Equal([1, 2, 3], await PeerStage.CarryAsync(near.Stream, far.Stream, [1, 2, 3]));
    }

    [Fact]
    public async Task No_address_is_said_before_both_ends_are_proved()
    {
        await using var stage = await PeerStage.StartAsync();
        var heard = new ConcurrentQueue<byte[]>();
        var bob = await stage.AttachAsync(stage.Bob, PeerStage.Receiving);
        LyingHub.Before(bob, signal => heard.Enqueue(signal.ToByteArray()));
        var alice = await stage.AttachAsync(stage.Alice);
        var accepting = PeerStage.NextAsync(bob, PeerPurpose.Transfer);

        var (alices, bobs) = (await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop), await accepting);
        await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp);

        byte[] loopback = [10, 4, 127, 0, 0, 1];
        Assert.NotEmpty(heard);
        Assert.All(heard, bytes => Assert.Equal(-1, bytes.AsSpan().IndexOf(loopback)));
    }

    [Fact]
    public async Task No_candidate_and_no_description_of_a_way_over_UDP_is_said_in_the_clear()
    {
        await using var stage = await PeerStage.StartAsync();
        var heard = new ConcurrentQueue<byte[]>();
        var (alice, bob) = (await stage.AttachAsync(stage.Alice), await stage.AttachAsync(stage.Bob, PeerStage.Receiving));
        LyingHub.Before(bob, signal => heard.Enqueue(signal.ToByteArray()));
        LyingHub.Before(alice, signal => heard.Enqueue(signal.ToByteArray()));
        var accepting = PeerStage.NextAsync(bob, PeerPurpose.Transfer);

        var (alices, bobs) = (await alice.OpenAsync("bob", PeerPurpose.Transfer, Stop), await accepting);
        await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectUdp);

        Assert.Contains(heard, static bytes => PeerSignal.Parser.ParseFrom(bytes).Sealed?.Sealed.Length > 200);
        foreach (var word in (string[])["candidate", "typ host", "a=ice-ufrag", "a=ice-pwd", "webrtc-datachannel", "IN IP4"])
        {
            Assert.All(heard, bytes => Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(word))));
        }
    }

    private static Task<AgentPeering> OfAsync(PeerStage stage, EnrolledAgent agent) => Task.FromResult(stage.Attached.Last(peering => peering.Profile.Agent == agent.Address));

    private static ByteString Other(byte seed) => ByteString.CopyFrom(X25519Key.FromPrivateKey(Enumerable.Repeat(seed, 32).ToArray()).PublicKey);

    private static void Change(PeerAnswer? answer, string what)
    {
        if (answer is null)
        {
            return;
        }

        switch (what)
        {
            case "key":
                answer.Key = Other(1);
                break;
            case "identity":
                answer.Identity = ByteString.CopyFrom(Ed25519Key.FromSeed(Enumerable.Repeat((byte)3, 32).ToArray()).PublicKey);
                break;
            case "tls":
                answer.TlsFingerprint = Other(2);
                break;
            case "dtls":
                answer.DtlsFingerprint = Other(2);
                break;
            case "signature":
                answer.Signature = Flip(answer.Signature);
                break;
            case "mac":
                answer.Mac = Flip(answer.Mac);
                break;
            default:
                answer.Version = 9;
                break;
        }
    }

    private static void Change(PeerOffer? offer, string what)
    {
        if (offer is null)
        {
            return;
        }

        switch (what)
        {
            case "key":
                offer.Key = Other(1);
                break;
            case "identity":
                offer.Identity = ByteString.CopyFrom(Ed25519Key.FromSeed(Enumerable.Repeat((byte)3, 32).ToArray()).PublicKey);
                break;
            default:
                offer.TlsFingerprint = Other(2);
                break;
        }
    }

    private static void Flip(SealedSignal? signal)
    {
        if (signal is not null)
        {
            signal.Sealed = Flip(signal.Sealed);
        }
    }

    private static ByteString Flip(ByteString bytes)
    {
        var changed = bytes.ToByteArray();
        changed[3] ^= 0x10;
        return ByteString.CopyFrom(changed);
    }
}
