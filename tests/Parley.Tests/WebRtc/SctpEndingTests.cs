using Parley.Testing.Network;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

public sealed class SctpEndingTests
{
    private static readonly PathConditions _near = new() { Delay = TimeSpan.FromMilliseconds(10) };

    [Fact]
    public void A_shutdown_delivers_what_is_on_its_way_first()
    {
        var pair = SctpPair.Connected(_near with { Loss = 0.05 }, seed: 3);
        for (var i = 0; i < 30; i++)
        {
            pair.A.Say(1, new byte[50_000]);
        }

        pair.RunUntil(() => pair.A.HasSentAll);
        pair.A.Association.Shutdown();
        var areClosed = pair.RunUntil(() => pair.A.Has(SctpEventKind.Closed) && pair.B.Has(SctpEventKind.Closed), TimeSpan.FromMinutes(1));

        Assert.True(areClosed, $"{pair.A.Association.State} {pair.B.Association.State}");
        Assert.Equal(30, pair.B.ReceivedCount);
    }

    [Fact]
    public void Both_may_shut_down_at_once()
    {
        var pair = SctpPair.Connected(_near);
        pair.A.Say(1, new byte[30_000]);
        pair.B.Say(1, new byte[30_000]);
        pair.Exchange();

        pair.A.Association.Shutdown();
        pair.B.Association.Shutdown();
        var areClosed = pair.RunUntil(() => pair.A.Has(SctpEventKind.Closed) && pair.B.Has(SctpEventKind.Closed), TimeSpan.FromMinutes(1));

        Assert.True(areClosed, $"{pair.A.Association.State} {pair.B.Association.State}");
        Assert.Equal((1, 1), (pair.A.ReceivedCount, pair.B.ReceivedCount));
    }

    [Fact]
    public void A_shutdown_on_a_bad_path_ends_both()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var pair = SctpPair.Connected(_near with { Loss = 0.3 }, seed);
            pair.A.Say(1, new byte[5000]);
            pair.Exchange();
            pair.A.Association.Shutdown();

            pair.RunFor(TimeSpan.FromMinutes(3));

            Assert.Equal((SctpState.Ended, SctpState.Ended), (pair.A.Association.State, pair.B.Association.State));
        }
    }

    [Fact]
    public void An_abort_ends_both_at_once()
    {
        var pair = SctpPair.Connected(_near);

        pair.A.Association.Abort();
        pair.RunFor(TimeSpan.FromMilliseconds(20));

        Assert.Equal((SctpFailure.Aborted, SctpFailure.PeerAborted), (pair.A.Failure, pair.B.Failure));
    }

    [Fact]
    public void After_the_end_nothing_is_taken_sent_or_waited_for()
    {
        var pair = SctpPair.Connected(_near);
        pair.A.Association.Abort();
        pair.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(SctpSendResult.Closed, pair.A.Association.Send(1, 53, [1], default, pair.Now));
        Assert.Null(pair.A.Association.NextTimeout);
        Assert.Equal(0, pair.A.Association.Poll(new byte[2000], pair.Now));
    }

    [Fact]
    public void Closing_before_anything_began_is_an_end_too()
    {
        var pair = new SctpPair();

        pair.A.Association.Shutdown();
        pair.Exchange();

        Assert.True(pair.A.Has(SctpEventKind.Closed));
    }

    [Fact]
    public void A_lost_last_word_is_said_again()
    {
        var pair = SctpPair.Connected(_near);
        var dropped = 0;
        pair.ToB.Drop = packet => packet.Span[12] == ChunkType.ShutdownComplete && dropped++ < 2;
        pair.A.Association.Shutdown();

        var areClosed = pair.RunUntil(() => pair.B.Has(SctpEventKind.Closed), TimeSpan.FromSeconds(30));

        Assert.True(areClosed);
        Assert.Equal(3, dropped);
    }
}
