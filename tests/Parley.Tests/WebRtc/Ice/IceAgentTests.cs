using System.Net;
using Parley.Protocol.Errors;
using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Turn;

namespace Parley.Tests.WebRtc.Ice;

public sealed class IceAgentTests
{
    private static readonly NatKind _cone = new(NatBehaviour.Independent, NatBehaviour.AddressAndPort);
    private static readonly NatKind _symmetric = new(NatBehaviour.AddressAndPort, NatBehaviour.AddressAndPort);

    [Theory]
    [InlineData(IceRole.Controlling, 1)]
    [InlineData(IceRole.Controlling, 2)]
    [InlineData(IceRole.Controlling, 3)]
    [InlineData(IceRole.Controlled, 4)]
    [InlineData(IceRole.Controlled, 5)]
    [InlineData(IceRole.Controlled, 6)]
    public void A_conflict_of_roles_is_settled(IceRole both, int seed)
    {
        var internet = new VirtualInternet(seed);
        var left = new IceHost(internet, both, new IceOptions(), seed, null, "198.51.100.10:4000");
        var right = new IceHost(internet, both, new IceOptions(), seed + 50, null, "198.51.100.20:4000");

        IceHost.Introduce(left, right);

        Assert.True(internet.RunUntil(() => left.Agent.State == IceState.Connected && right.Agent.State == IceState.Connected, TimeSpan.FromSeconds(10)));
        Assert.NotEqual(left.Agent.Role, right.Agent.Role);
    }

    [Fact]
    public void Lost_consent_is_seen_and_a_restart_recovers()
    {
        var pair = new IcePair(21, _cone, _cone);
        pair.Connect();
        var cable = Assert.Single(pair.Right.Sockets);

        cable.IsUnplugged = true;
        pair.Internet.Run(TimeSpan.FromSeconds(18));
        var meanwhile = pair.Left.Agent.State;
        pair.Internet.Run(TimeSpan.FromSeconds(20));
        var afterwards = (pair.Left.Agent.State, pair.Right.Agent.State);
        cable.IsUnplugged = false;
        pair.Left.Do(agent => agent.Restart(pair.Internet.Now));

        Assert.Equal(IceState.Disconnected, meanwhile);
        Assert.Equal((IceState.Failed, IceState.Failed), afterwards);
        Assert.True(pair.Internet.RunUntil(() => pair.AreConnected, TimeSpan.FromSeconds(30)));
        Assert.True(pair.CanTalk());
    }

    [Fact]
    public void A_short_break_heals_by_itself()
    {
        var pair = new IcePair(22, _cone, null);
        pair.Connect();
        var cable = Assert.Single(pair.Right.Sockets);

        cable.IsUnplugged = true;
        pair.Internet.Run(TimeSpan.FromSeconds(20));
        cable.IsUnplugged = false;

        Assert.True(pair.Internet.RunUntil(() => pair.AreConnected, TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData(5, 30, 4)]
    [InlineData(3, 15, 2)]
    public void A_round_trip_longer_than_the_time_between_two_checks_keeps_consent(int every, int timeout, int oneWay)
    {
        var (interval, limit) = (TimeSpan.FromSeconds(every), TimeSpan.FromSeconds(timeout));
        var pair = new IcePair(31, null, null, options: _ => new IceOptions { ConsentInterval = interval, DisconnectedAfter = limit / 2, ConsentTimeout = limit });
        pair.Connect();

        pair.Internet.Quality = new LinkQuality(TimeSpan.FromSeconds(oneWay));
        pair.Internet.Run(TimeSpan.FromSeconds(60));

        Assert.True(pair.AreConnected);
        Assert.All(pair.Left.Seen.Concat(pair.Right.Seen), happened => Assert.NotEqual(IceState.Disconnected, happened.State));
        Assert.Equal(oneWay * 2, pair.Left.Agent.Report().Pairs.Max(one => one.RoundTrip)!.Value.TotalSeconds, 0.1);
    }

    [Fact]
    public void An_answer_to_a_check_of_consent_counts_once()
    {
        var pair = new IcePair(32, null, null);
        pair.Connect();
        pair.Internet.Run(TimeSpan.FromSeconds(3));
        byte[] answer = [];
        pair.Internet.Swallow = (from, _, bytes) =>
        {
            var isAnswer = from == pair.Right.Sockets.Single().Address && StunMessage.TryParse(bytes, out var message) && message.Class == StunClass.Success;
            answer = isAnswer ? bytes.ToArray() : answer;
            return false;
        };
        pair.Internet.Run(TimeSpan.FromSeconds(6));
        pair.Internet.Swallow = (_, _, _) => true;

        for (var second = 0; second < 40; second++)
        {
            pair.Internet.Run(TimeSpan.FromSeconds(1));
            pair.Left.Take(pair.Left.Sockets.Single(), pair.Right.Sockets.Single().Address, answer);
        }

        Assert.Equal(IceState.Failed, pair.Left.Agent.State);
    }

    [Fact]
    public void A_second_restart_before_the_first_was_signalled_keeps_the_path_alive()
    {
        var pair = new IcePair(33, null, null);
        pair.Connect();
        pair.Left.Signal = _ => { };

        pair.Left.Do(agent => agent.Restart(pair.Internet.Now));
        pair.Left.Do(agent => agent.Restart(pair.Internet.Now));
        pair.Internet.Run(TimeSpan.FromSeconds(40));

        Assert.Equal(IceState.Connected, pair.Right.Agent.State);
        Assert.True(pair.CanTalk());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Data_flows_on_while_a_restart_is_under_way(bool isRelayed)
    {
        var pair = new IcePair(23, isRelayed ? _symmetric : _cone, isRelayed ? _symmetric : _cone);
        pair.Connect();
        pair.Internet.Run(TimeSpan.FromSeconds(5));

        pair.Left.Do(agent => agent.Restart(pair.Internet.Now));
        pair.Internet.Run(TimeSpan.FromMilliseconds(60));

        Assert.Equal(IceState.Checking, pair.Left.Agent.State);
        Assert.True(pair.CanTalk());
        Assert.True(pair.Internet.RunUntil(() => pair.AreConnected, TimeSpan.FromSeconds(30)));
        Assert.True(pair.CanTalk());
    }

    [Fact]
    public void A_new_interface_is_used_after_the_old_one_went()
    {
        var internet = new VirtualInternet(24);
        var left = new IceHost(internet, IceRole.Controlling, new IceOptions(), 1, null, "198.51.100.10:4000");
        var right = new IceHost(internet, IceRole.Controlled, new IceOptions(), 2, null, "198.51.100.20:4000");
        IceHost.Introduce(left, right);
        internet.RunUntil(() => left.Agent.State == IceState.Connected && right.Agent.State == IceState.Connected, TimeSpan.FromSeconds(5));

        left.Add("198.51.100.11:4000");
        left.Do(agent => agent.RemoveLocal(TransportAddress.Parse("198.51.100.10:4000"), internet.Now));
        left.Do(agent => agent.Restart(internet.Now));

        Assert.True(internet.RunUntil(() => left.Agent.State == IceState.Connected && right.Agent.State == IceState.Connected, TimeSpan.FromSeconds(10)));
        Assert.Equal("198.51.100.11:4000", right.Agent.Route!.Remote.ToString());
    }

    [Fact]
    public void Where_nothing_works_each_pair_says_why()
    {
        var pair = new IcePair(25, _symmetric, _symmetric, hasRelay: false);
        pair.Stun[1].IsSilent = true;

        pair.Connect(120);

        var report = pair.Left.Agent.Report();
        Assert.Equal((IceState.Failed, IceState.Failed), (report.State, pair.Right.Agent.State));
        Assert.NotEmpty(report.Pairs);
        Assert.All(report.Pairs, one => Assert.Equal((PairState.Failed, "no answer"), (one.State, one.Reason)));
        Assert.Equal("the server does not answer", Assert.Single(report.Servers, server => server.Failure is not null).Failure);
    }

    [Fact]
    public void A_refusing_relay_is_named()
    {
        var pair = new IcePair(26, _symmetric, _symmetric);
        pair.Relay.Refuses = 486;

        pair.Connect(120);

        Assert.Equal(IceState.Failed, pair.Left.Agent.State);
        Assert.Contains("486", Assert.Single(pair.Left.Agent.Report().Servers, server => server.IsRelay).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_relay_that_is_not_needed_is_given_back()
    {
        var pair = new IcePair(27, _cone, _cone);
        pair.Connect();

        pair.Internet.Run(TimeSpan.FromSeconds(10));

        Assert.Equal(0, pair.Relay.Allocations);
        Assert.True(pair.CanTalk());
    }

    [Fact]
    public void A_relay_that_is_needed_stays_and_data_goes_by_channel()
    {
        var pair = new IcePair(28, _symmetric, _symmetric);
        pair.Connect();

        pair.Internet.Run(TimeSpan.FromMinutes(25));
        var before = pair.Relay.ByChannel;

        Assert.True(pair.CanTalk());
        Assert.True(pair.Relay.ByChannel > before);
    }

    [Fact]
    public void Relay_only_tells_no_other_address()
    {
        var internet = new VirtualInternet(29);
        var relay = new VirtualTurnServer(internet, "203.0.113.3:3478", "user", "password");
        var options = new IceOptions { TurnServers = [new TurnServer(relay.Address, "user", "password")], IsRelayOnly = true };
        var left = new IceHost(internet, IceRole.Controlling, options, 1, null, "198.51.100.10:4000");
        var right = new IceHost(internet, IceRole.Controlled, new IceOptions(), 2, null, "198.51.100.20:4000");

        IceHost.Introduce(left, right);

        Assert.True(internet.RunUntil(() => left.Agent.State == IceState.Connected && right.Agent.State == IceState.Connected, TimeSpan.FromSeconds(10)));
        Assert.DoesNotContain(left.Seen, one => one.Candidate?.ToString().Contains("198.51.100.10", StringComparison.Ordinal) == true);
        Assert.True(right.Agent.Route!.IsRelayed);
    }

    [Fact]
    public void A_name_is_resolved_before_it_is_tried_or_skipped_with_the_reason()
    {
        var agent = new IceAgent(new IceOptions(), IceRole.Controlled, SeededRandom.Source(1));
        agent.AddLocal(TransportAddress.Parse("198.51.100.10:4000"), TimeSpan.Zero);
        foreach (var name in new[] { "aaaa.local", "bbbb.local" })
        {
            Assert.True(IceCandidate.TryParse($"candidate:1 1 udp 5 {name} 4000 typ host", out var candidate, out _));
            agent.AddRemoteCandidate(candidate, TimeSpan.Zero);
        }

        var asked = new List<IceCandidate>();
        while (agent.TryTakeEvent(out var one))
        {
            asked.AddRange(one.Kind == IceEventKind.ResolveName ? [one.Candidate!] : []);
        }

        agent.Resolved(asked[0], IPAddress.Parse("198.51.100.20"), null, TimeSpan.Zero);
        agent.Resolved(asked[1], null, "nobody answers for it on this network", TimeSpan.Zero);

        var report = agent.Report();
        Assert.Equal("198.51.100.20:4000", Assert.Single(report.Remote).Address.ToString());
        Assert.Equal(["bbbb.local: nobody answers for it on this network"], report.Skipped);
    }

    [Fact]
    public void Loopback_is_offered_when_asked_for_alone()
    {
        var shy = new IceAgent(new IceOptions(), IceRole.Controlling, SeededRandom.Source(1));
        var open = new IceAgent(new IceOptions { IsLoopbackAllowed = true }, IceRole.Controlling, SeededRandom.Source(1));

        foreach (var agent in new[] { shy, open })
        {
            agent.AddLocal(TransportAddress.Parse("127.0.0.1:4000"), TimeSpan.Zero);
        }

        Assert.Empty(shy.Report().Local);
        Assert.Single(open.Report().Local);
    }

    [Fact]
    public void Candidates_of_a_peer_have_a_limit()
    {
        var agent = new IceAgent(new IceOptions(), IceRole.Controlling, SeededRandom.Source(1));
        agent.AddLocal(TransportAddress.Parse("198.51.100.10:4000"), TimeSpan.Zero);

        for (var port = 1; port <= 500; port++)
        {
            Assert.True(IceCandidate.TryParse($"candidate:{port} 1 udp {port} 198.51.100.20 {port} typ host", out var candidate, out _));
            agent.AddRemoteCandidate(candidate, TimeSpan.Zero);
        }

        Assert.Equal((64, 64), (agent.Report().Remote.Count, agent.Report().Pairs.Count));
    }

    [Fact]
    public void Wrong_credentials_are_refused()
    {
        var agent = new IceAgent(new IceOptions(), IceRole.Controlling, SeededRandom.Source(1));

        var refusal = Assert.Throws<ParleyException>(() => agent.SetRemote(new IceCredentials("abcd", "short"), TimeSpan.Zero));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }
}
