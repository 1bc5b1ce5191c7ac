using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Turn;

namespace Parley.Tests.WebRtc.Ice;

/// <summary>Relays over connections that somebody else makes.</summary>
public sealed class IceRelayTests
{
    private readonly IceAgent _agent = new(new IceOptions(), IceRole.Controlling, SeededRandom.Source(9));

    [Fact]
    public void Candidates_are_complete_when_every_connection_to_a_relay_is_settled()
    {
        _agent.ExpectRelay();
        _agent.StartGathering(TimeSpan.Zero);
        var before = IsGathered();

        _agent.RefuseRelay("turns:relay.example:5349", "the relay does not answer", TimeSpan.Zero);

        Assert.False(before);
        Assert.True(IsGathered());
        Assert.Contains("turns:relay.example:5349: the relay does not answer", _agent.Report().Skipped);
    }

    [Fact]
    public void A_connection_that_stands_is_asked_for_an_address_over_it()
    {
        var local = TransportAddress.Parse("198.51.100.10:40000");
        var relay = new TurnServer(TransportAddress.Parse("203.0.113.3:3478"), "user", "password") { Transport = TurnTransport.Tcp };
        _agent.ExpectRelay();
        _agent.StartGathering(TimeSpan.Zero);

        _agent.AddRelay(relay, local, TimeSpan.Zero);
        _agent.HandleTimeout(TimeSpan.FromMilliseconds(1));
        var isSaid = _agent.TryTakeDatagram(out var said);

        Assert.True(isSaid);
        Assert.Equal((local, relay.Address), (said.Local, said.Remote));
        Assert.False(IsGathered());
    }

    [Fact]
    public void A_relay_that_says_nothing_on_its_connection_is_not_waited_for_any_longer()
    {
        var relay = new TurnServer(TransportAddress.Parse("203.0.113.3:3478"), "user", "password") { Transport = TurnTransport.Tcp };
        _agent.ExpectRelay();
        _agent.StartGathering(TimeSpan.Zero);
        _agent.AddRelay(relay, TransportAddress.Parse("198.51.100.10:40000"), TimeSpan.Zero);

        for (var seconds = 0; seconds < 60; seconds++)
        {
            _agent.HandleTimeout(TimeSpan.FromSeconds(seconds));
        }

        Assert.True(IsGathered());
    }

    private bool IsGathered()
    {
        var isGathered = false;
        while (_agent.TryTakeEvent(out var happened))
        {
            isGathered |= happened.Kind == IceEventKind.GatheringDone;
        }

        return isGathered;
    }
}
