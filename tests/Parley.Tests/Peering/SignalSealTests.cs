using Google.Protobuf;
using Parley.Client.Peering.Handshakes;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Peering;

public sealed class SignalSealTests
{
    private static readonly byte[] _content = "192.0.2.7:40112"u8.ToArray();

    [Fact]
    public void What_one_end_seals_the_other_opens()
    {
        var (seal, open) = Pair();

        Assert.Equal(_content, open.Open(seal.Seal(_content)));
        Assert.Equal([], open.Open(seal.Seal([])));
    }

    [Fact]
    public void Nothing_of_the_content_is_seen()
    {
        var sealedContent = Pair().Seal.Seal(_content).Sealed.Span;

        Assert.Equal(-1, sealedContent.IndexOf("192.0.2"u8));
    }

    [Fact]
    public void A_repeated_signal_is_refused()
    {
        var (seal, open) = Pair();
        var signal = seal.Seal(_content);
        open.Open(signal);

        Refused(() => open.Open(signal));
    }

    [Fact]
    public void Signals_out_of_order_are_refused_and_lost_ones_are_not_missed()
    {
        var (seal, open) = Pair();
        var (first, second, third) = (seal.Seal([1]), seal.Seal([2]), seal.Seal([3]));

        Assert.Equal([1], open.Open(first));
        Assert.Equal([3], open.Open(third));
        Refused(() => open.Open(second));
    }

    [Fact]
    public void A_counter_that_was_changed_is_refused()
    {
        var (seal, open) = Pair();
        var signal = seal.Seal(_content);
        signal.Counter = 2;

        Refused(() => open.Open(signal));
    }

    [Fact]
    public void What_one_end_said_is_not_taken_as_the_others()
    {
        var (opener, acceptor) = HandshakeStage.Run();
        var mine = opener.Secrets.SealOf(byOpener: true, HandshakeStage.Session);
        var theirs = opener.Secrets.SealOf(byOpener: false, HandshakeStage.Session);

        Refused(() => theirs.Open(mine.Seal(_content)));
        Refused(() => acceptor.Secrets.SealOf(byOpener: true, HandshakeStage.Bytes(16, 1)).Open(opener.Secrets.SealOf(byOpener: true, HandshakeStage.Session).Seal(_content)));
    }

    [Fact]
    public void Signals_that_were_damaged_are_refused()
    {
        var (seal, open) = Pair();
        var good = seal.Seal(_content);
        var bytes = good.ToByteArray();

        Fuzz.Run(99, Fuzz.Count, random => Fuzz.Mutate(random, bytes), changed =>
        {
            try
            {
                var signal = SealedSignal.Parser.ParseFrom(changed);
                if (signal.Counter != good.Counter || !signal.Sealed.Equals(good.Sealed))
                {
                    Refused(() => open.Open(signal));
                }
            }
            catch (InvalidProtocolBufferException)
            {
                // Not even a signal.
            }
        });
    }

    private static (SignalSeal Seal, SignalSeal Open) Pair()
    {
        var (opener, acceptor) = HandshakeStage.Run();
        return (opener.Secrets.SealOf(byOpener: true, HandshakeStage.Session), acceptor.Secrets.SealOf(byOpener: true, HandshakeStage.Session));
    }

    private static void Refused(Action step) => Assert.Equal(ErrorCode.PeerProof, Assert.Throws<ParleyException>(step).Code);
}
