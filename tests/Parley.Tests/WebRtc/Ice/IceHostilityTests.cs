using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Ice;

namespace Parley.Tests.WebRtc.Ice;

/// <summary>What strangers and bad networks send to an agent.</summary>
public sealed class IceHostilityTests
{
    private static readonly TransportAddress _stranger = TransportAddress.Parse("203.0.113.66:6666");

    [Fact]
    public void A_check_with_the_right_name_and_a_wrong_password_is_not_answered_and_teaches_nothing()
    {
        var pair = new IcePair(31, null, null, hasRelay: false);
        pair.Connect();
        var (sent, socket) = (pair.Internet.Sent, Assert.Single(pair.Right.Sockets));

        for (var number = 0; number < 1000; number++)
        {
            pair.Right.Take(socket, _stranger.WithPort(1024 + number), Check(pair, StunKey.ShortTerm("wrong password wrong password"), number));
        }

        Assert.Equal(sent, pair.Internet.Sent);
        Assert.DoesNotContain(pair.Right.Agent.Report().Remote, candidate => candidate.Address.IsSameHost(_stranger));
    }

    [Fact]
    public void A_flood_of_right_checks_from_many_addresses_stays_within_the_limits()
    {
        var pair = new IcePair(32, null, null, hasRelay: false);
        pair.Connect();
        var socket = Assert.Single(pair.Right.Sockets);

        for (var number = 0; number < 5000; number++)
        {
            pair.Right.Take(socket, _stranger.WithPort(1024 + number), Check(pair, StunKey.ShortTerm(pair.Right.Agent.LocalCredentials.Password), number));
        }

        var report = pair.Right.Agent.Report();
        Assert.InRange(report.Remote.Count, 1, 64);
        Assert.InRange(report.Pairs.Count, 1, 100);
        pair.Internet.Run(TimeSpan.FromSeconds(60));
        Assert.True(pair.AreConnected);
        Assert.Equal("198.51.100.10:4000", pair.Right.Agent.Route!.Remote.ToString());
    }

    [Fact]
    public void A_forged_role_conflict_changes_no_role()
    {
        var pair = new IcePair(33, null, null, hasRelay: false);
        var forged = 0;
        pair.Internet.Swallow = (from, to, bytes) =>
        {
            if (from == Assert.Single(pair.Left.Sockets).Address && StunMessage.TryParse(bytes, out var message) && message.Class == StunClass.Request && to.IsSameHost(TransportAddress.Parse("198.51.100.20:1")))
            {
                forged++;
                var answer = Answer(message.Transaction, StunClass.Error, to, StunKey.ShortTerm("a stranger does not know it"));
                pair.Internet.At(pair.Internet.Now, () => pair.Left.Take(Assert.Single(pair.Left.Sockets), to, answer));
            }

            return false;
        };

        Assert.True(pair.Connect());

        Assert.True(forged > 0);
        Assert.Equal((IceRole.Controlling, IceRole.Controlled), (pair.Left.Agent.Role, pair.Right.Agent.Role));
    }

    [Fact]
    public void A_right_answer_from_a_wrong_address_makes_no_pair_work()
    {
        var pair = new IcePair(34, null, null, hasRelay: false);
        var left = Assert.Single(pair.Left.Sockets);
        pair.Internet.Swallow = (from, to, bytes) =>
        {
            // All that the right side sends seems to come from elsewhere.
            if (from.IsSameHost(TransportAddress.Parse("198.51.100.20:1")) && to == left.Address)
            {
                pair.Internet.At(pair.Internet.Now, () => pair.Left.Take(left, _stranger, bytes));
                return true;
            }

            return false;
        };

        Assert.False(pair.Connect(30));

        Assert.DoesNotContain(pair.Left.Agent.Report().Pairs, one => one.State == PairState.Succeeded);
    }

    [Fact]
    public void Data_from_an_address_that_proved_nothing_is_dropped()
    {
        var pair = new IcePair(35, null, null, hasRelay: false);
        pair.Connect();

        pair.Right.Take(Assert.Single(pair.Right.Sockets), _stranger, [0x16, 1, 2, 3]);

        Assert.Empty(pair.Right.Data);
    }

    [Fact]
    public void Answers_that_come_twice_and_late_do_no_harm()
    {
        var quality = new LinkQuality(TimeSpan.FromMilliseconds(700)) { Duplication = 1, Jitter = TimeSpan.FromMilliseconds(400) };
        var pair = new IcePair(36, new NatKind(NatBehaviour.Independent, NatBehaviour.AddressAndPort), null, quality: quality);

        Assert.True(pair.Connect());
        pair.Internet.Run(TimeSpan.FromSeconds(60));

        Assert.True(pair.AreConnected);
    }

    [Fact]
    public void Any_datagrams_in_the_middle_of_a_session_leave_it_working()
    {
        var pair = new IcePair(37, new NatKind(NatBehaviour.Independent, NatBehaviour.AddressAndPort), null);
        var seen = new List<(TransportAddress From, byte[] Bytes)>();
        pair.Internet.Swallow = (from, _, bytes) =>
        {
            if (seen.Count < 200)
            {
                seen.Add((from, bytes));
            }

            return false;
        };
        pair.Connect();
        pair.Internet.Run(TimeSpan.FromSeconds(10));
        var socket = Assert.Single(pair.Right.Sockets);
        var peer = pair.Right.Agent.Route!.Remote;

        Fuzz.Run(4600, Fuzz.Count, random => (From: random.Next(3) switch { 0 => peer, 1 => pair.Relay.Address, _ => seen[random.Next(seen.Count)].From }, Bytes: Fuzz.Mutate(random, seen[random.Next(seen.Count)].Bytes)), one =>
        {
            pair.Right.Take(socket, one.From, one.Bytes);
            Assert.InRange(pair.Right.Agent.Report().Remote.Count, 0, 64);
        });

        pair.Internet.Run(TimeSpan.FromSeconds(30));
        Assert.True(pair.AreConnected);
        Assert.True(pair.CanTalk());
    }

    private static byte[] Check(IcePair pair, byte[] key, int number)
    {
        var writer = new StunWriter(new byte[512], StunClass.Request, StunMethod.Binding, StunTransactionId.Make(SeededRandom.Source(number)));
        writer.Add(StunAttribute.Username, $"{pair.Right.Agent.LocalCredentials.User}:{pair.Left.Agent.LocalCredentials.User}");
        writer.Add(StunAttribute.Priority, 0x6e7f00ffu);
        writer.Add(StunAttribute.IceControlling, 1ul);
        writer.AddIntegrity(key);
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    private static byte[] Answer(StunTransactionId transaction, StunClass kind, TransportAddress mapped, byte[] key)
    {
        var writer = new StunWriter(new byte[512], kind, StunMethod.Binding, transaction);
        writer.AddError(487, "Role Conflict"u8);
        writer.Add(StunAttribute.XorMappedAddress, mapped);
        writer.AddIntegrity(key);
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
