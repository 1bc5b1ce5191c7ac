using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.Peering;
using Parley.Client.Peering.Handshakes;
using Parley.Crypto;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Peering;

/// <summary>Openers that begin handshakes and prove nothing.</summary>
public sealed class HandshakeRoomTests
{
    private readonly ConcurrentQueue<ByteString> _answered = new();

    [Theory]
    [InlineData(64, 8)]
    [InlineData(3, 3)]
    public async Task Who_proves_nothing_has_so_much_room_and_no_more(int maxHandshakes, int most)
    {
        const int Openings = 20;
        await using var stage = await PeerStage.StartAsync();
        await stage.AttachAsync(stage.Bob, PeerStage.Receiving with { MaxHandshakes = maxHandshakes });
        var alice = await AttachAsync(stage);
        var sessions = Enumerable.Range(0, Openings).Select(static _ => RandomNumberGenerator.GetBytes(16)).ToList();

        foreach (var session in sessions.Append(sessions[0]))
        {
            Offer(alice, stage, session);
        }

        // The first one's answer comes again behind everything.
        await Deadline.UntilAsync(() => _answered.Count(session => session.Span.SequenceEqual(sessions[0])) == 2, "the first opening to be answered again");
        Assert.Equal(most, _answered.Distinct().Count());
    }

    [Fact]
    public async Task Who_proves_nothing_in_time_makes_room_for_others()
    {
        await using var stage = await PeerStage.StartAsync();
        await stage.AttachAsync(stage.Bob, PeerStage.Receiving with { MaxHandshakes = 1, HandshakeTimeout = TimeSpan.FromMilliseconds(1) });
        var alice = await AttachAsync(stage);

        await Deadline.UntilAsync(
            () =>
            {
                Offer(alice, stage, RandomNumberGenerator.GetBytes(16));
                return _answered.Distinct().Count() >= 3;
            },
            "room for a third opening");
    }

    private static void Offer(AgentPeering alice, PeerStage stage, byte[] session)
    {
        var key = Ed25519Key.FromSeed(RandomNumberGenerator.GetBytes(32));
        var self = new HandshakeSelf(
            "hub", stage.Alice.Address, key.PublicKey.ToArray(), data => key.Sign(data), X25519Key.FromPrivateKey(RandomNumberGenerator.GetBytes(32)), RandomNumberGenerator.GetBytes(32), default);
        using var handshake = Handshake.Open(self, SignalPurpose.Transfer, session);
        alice.Link.Send(new Signal
        {
            Session = ByteString.CopyFrom(session),
            To = stage.Bob.Address.ToString(),
            Purpose = SignalPurpose.Transfer,
            Attempt = 1,
            Payload = new PeerSignal { Offer = handshake.Offer }.ToByteString(),
        });
    }

    private async Task<AgentPeering> AttachAsync(PeerStage stage)
    {
        var alice = await stage.AttachAsync(stage.Alice);
        alice.Link.Signals = new Ear(_answered);
        return alice;
    }

    /// <summary>Hears whose answers come.</summary>
    private sealed class Ear(ConcurrentQueue<ByteString> answered) : Client.HubLink.ISignalSink
    {
        public void OnSignal(Frame frame)
        {
            if (frame.BodyCase == Frame.BodyOneofCase.Signal)
            {
                answered.Enqueue(frame.Signal.Session);
            }
        }
    }
}
